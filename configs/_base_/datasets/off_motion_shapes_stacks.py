# MotionShapes for OFF of RGB differences: segments of 3 adjacent frames, one frame apart.
_base_ = './off_motion_shapes.py'
stacks = dict(_base_.frames, num_clips=4, test_segments=14, clip_len=3)
pack = [dict(type='FormatShape', input_format='NCTHW'), dict(type='PackActionInputs')]
train_pipeline = [dict(type='DecordInit'), stacks, _base_.decode, *pack]
test_pipeline = [
    dict(type='DecordInit'),
    dict(stacks, test_mode=True),
    _base_.decode,
    *_base_.fit,
    *pack,
]
train_dataloader = dict(dataset=dict(pipeline=train_pipeline))
val_dataloader = dict(dataset=dict(pipeline=test_pipeline))
test_dataloader = dict(dataset=dict(pipeline=test_pipeline))
