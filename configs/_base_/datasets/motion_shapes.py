# MotionShapes, made on first use: 4 stacks of 4 adjacent frames. No flip: it would swap the labels.
# In a test any other video is brought to the size of training; those of MotionShapes have it.
dataset_type = 'mmmotion.MotionShapesDataset'
data_root = 'data/motion_shapes'
stacks = dict(type='mmmotion.StackedSampleFrames', num_clips=4, clip_len=4)
decode = dict(type='DecordDecode')
fit = [dict(type='Resize', scale=(-1, 44)), dict(type='CenterCrop', crop_size=44)]
pack = [dict(type='FormatShape', input_format='NCTHW'), dict(type='PackActionInputs')]

train_pipeline = [dict(type='DecordInit'), stacks, decode, *pack]
test_pipeline = [dict(type='DecordInit'), dict(stacks, test_mode=True), decode, *fit, *pack]

train_dataloader = dict(
    batch_size=16,
    num_workers=2,
    persistent_workers=True,
    sampler=dict(type='DefaultSampler', shuffle=True),
    dataset=dict(type=dataset_type, data_root=data_root, split='train', pipeline=train_pipeline),
)
val_dataloader = dict(
    batch_size=32,
    num_workers=2,
    persistent_workers=True,
    sampler=dict(type='DefaultSampler', shuffle=False),
    dataset=dict(
        type=dataset_type,
        data_root=data_root,
        split='val',
        pipeline=test_pipeline,
        test_mode=True,
    ),
)
test_dataloader = dict(
    batch_size=32,
    num_workers=2,
    sampler=dict(type='DefaultSampler', shuffle=False),
    dataset=dict(
        type=dataset_type,
        data_root=data_root,
        split='test',
        pipeline=test_pipeline,
        test_mode=True,
    ),
)
val_evaluator = dict(type='AccMetric')
test_evaluator = val_evaluator
