# UCF101 for OFF of RGB differences: segments of 6 adjacent frames.
_base_ = './off_ucf101.py'
stacks = dict(_base_.frames, clip_len=6)
pack = [dict(type='FormatShape', input_format='NCTHW'), dict(type='PackActionInputs')]
train_pipeline = [
    dict(type='DecordInit'),
    stacks,
    dict(type='DecordDecode'),
    *_base_.resize_and_crop,
    *pack,
]
test_pipeline = [
    dict(type='DecordInit'),
    dict(stacks, test_mode=True),
    *_base_.test_pipeline[2:-2],
    *pack,
]
train_dataloader = dict(dataset=dict(pipeline=train_pipeline))
val_dataloader = dict(dataset=dict(pipeline=test_pipeline))
test_dataloader = val_dataloader
