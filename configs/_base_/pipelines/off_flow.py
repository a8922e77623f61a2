# OFF of flow, from files: segments of 5 flows.
_base_ = '../steps.py'
flows = dict(
    type='mmmotion.ConstantIntervalSampleFrames', num_clips=7, test_segments=25, clip_len=5
)
train_pipeline = [
    flows,
    _base_.decode_images,
    _base_.short_side_256,
    *_base_.multi_scale_crop_224,
    _base_.flip_flow,
    *_base_.pack_frames,
]
test_pipeline = [
    dict(flows, test_mode=True),
    _base_.decode_images,
    _base_.short_side_256,
    _base_.center_crop_224,
    *_base_.pack_frames,
]
