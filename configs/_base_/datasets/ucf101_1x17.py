# UCF101, split 1, for 3D networks: one stack of 17 frames of 112 x 112, tested on 10.
_base_ = './ucf101.py'
stacks = dict(type='mmmotion.SampleFrameStacks', num_segments=1, clip_len=17, repeat_last=True)
pack = [dict(type='FormatShape', input_format='NCTHW'), dict(type='PackActionInputs')]
train_pipeline = [
    dict(type='DecordInit'),
    stacks,
    dict(type='DecordDecode'),
    dict(type='Resize', scale=(-1, 128)),
    dict(type='RandomCrop', size=112),
    dict(type='Flip', flip_ratio=0.5),
    *pack,
]
test_pipeline = [
    dict(type='DecordInit'),
    dict(stacks, num_segments=10, test_mode=True),
    dict(type='DecordDecode'),
    dict(type='Resize', scale=(-1, 128)),
    dict(type='CenterCrop', crop_size=112),
    *pack,
]
train_dataloader = dict(dataset=dict(pipeline=train_pipeline))
val_dataloader = dict(dataset=dict(pipeline=test_pipeline))
test_dataloader = val_dataloader
