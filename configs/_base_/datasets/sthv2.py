# Something-Something V2: 8 stacks of 4 adjacent frames; no flip, since labels say left and right.
dataset_type = 'mmmotion.RobustVideoDataset'
data_root = 'data/sthv2/videos'
num_classes = 174
stacks = dict(type='mmmotion.StackedSampleFrames', num_clips=8, clip_len=4)

train_pipeline = [
    dict(type='DecordInit'),
    stacks,
    dict(type='DecordDecode'),
    dict(type='Resize', scale=(-1, 256)),
    dict(
        type='MultiScaleCrop',
        input_size=224,
        scales=(1, 0.875, 0.75, 0.66),
        random_crop=False,
        max_wh_scale_gap=1,
    ),
    dict(type='Resize', scale=(224, 224), keep_ratio=False),
    dict(type='FormatShape', input_format='NCTHW'),
    dict(type='PackActionInputs'),
]
test_pipeline = [
    dict(type='DecordInit'),
    dict(stacks, test_mode=True),
    dict(type='DecordDecode'),
    dict(type='Resize', scale=(-1, 256)),
    dict(type='CenterCrop', crop_size=224),
    dict(type='FormatShape', input_format='NCTHW'),
    dict(type='PackActionInputs'),
]

dataset = dict(type=dataset_type, data_prefix=dict(video=data_root), num_classes=num_classes)
loader = dict(batch_size=8, num_workers=8, persistent_workers=True)
train_dataloader = dict(
    **loader,
    sampler=dict(type='DefaultSampler', shuffle=True),
    dataset=dict(
        **dataset, ann_file='data/sthv2/sthv2_train_list_videos.txt', pipeline=train_pipeline
    ),
)
val_dataloader = dict(
    **loader,
    sampler=dict(type='DefaultSampler', shuffle=False),
    dataset=dict(
        **dataset,
        ann_file='data/sthv2/sthv2_val_list_videos.txt',
        pipeline=test_pipeline,
        test_mode=True,
    ),
)
test_dataloader = val_dataloader
val_evaluator = dict(type='AccMetric')
test_evaluator = val_evaluator
