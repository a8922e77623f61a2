# OFF: 7 segments in training, 25 in testing, equally far apart in both (Section 4.2).
_base_ = '../steps.py'
frames = dict(
    type='mmmotion.ConstantIntervalSampleFrames', num_clips=7, test_segments=25, clip_len=1
)
train_pipeline = [
    _base_.open_video,
    frames,
    _base_.decode_video,
    _base_.short_side_256,
    *_base_.multi_scale_crop_224,
    _base_.flip,
    *_base_.pack_frames,
]
test_pipeline = [
    _base_.open_video,
    dict(frames, test_mode=True),
    _base_.decode_video,
    _base_.short_side_256,
    _base_.center_crop_224,
    *_base_.pack_frames,
]
