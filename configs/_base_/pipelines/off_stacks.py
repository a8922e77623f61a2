# OFF of RGB differences: segments of 6 adjacent frames.
_base_ = '../steps.py'
stacks = dict(
    type='mmmotion.ConstantIntervalSampleFrames', num_clips=7, test_segments=25, clip_len=6
)
train_pipeline = [
    _base_.open_video,
    stacks,
    _base_.decode_video,
    _base_.short_side_256,
    *_base_.multi_scale_crop_224,
    _base_.flip,
    *_base_.pack_clips,
]
test_pipeline = [
    _base_.open_video,
    dict(stacks, test_mode=True),
    _base_.decode_video,
    _base_.short_side_256,
    _base_.center_crop_224,
    *_base_.pack_clips,
]
