# Something-Something V2 for models of single frames: one frame from each of 8 segments.
_base_ = './sthv2.py'
frames = dict(_base_.stacks, clip_len=1)
pack = [dict(type='FormatShape', input_format='NCHW'), dict(type='PackActionInputs')]
train_pipeline = [dict(type='DecordInit'), frames, *_base_.train_pipeline[2:-2], *pack]
test_pipeline = [
    dict(type='DecordInit'),
    dict(frames, test_mode=True),
    *_base_.test_pipeline[2:-2],
    *pack,
]
train_dataloader = dict(dataset=dict(pipeline=train_pipeline))
val_dataloader = dict(dataset=dict(pipeline=test_pipeline))
test_dataloader = val_dataloader
