# MotionShapes for OFF of RGB differences: segments of 3 adjacent frames, one frame apart.
_base_ = ['../steps.py', '../lists/motion_shapes.py']
stacks = dict(
    type='mmmotion.ConstantIntervalSampleFrames', num_clips=4, test_segments=14, clip_len=3
)
train_pipeline = [_base_.open_video, stacks, _base_.decode_video, *_base_.pack_clips]
test_pipeline = [
    _base_.open_video,
    dict(stacks, test_mode=True),
    _base_.decode_video,
    *_base_.fit_44,
    *_base_.pack_clips,
]
train_dataloader = dict(dataset=dict(pipeline=train_pipeline))
val_dataloader = dict(dataset=dict(pipeline=test_pipeline))
test_dataloader = val_dataloader
