# Something-Something V2, tested as for PAN_En: two views in time at 256 x 256.
_base_ = './sthv2.py'
test_pipeline = [
    dict(type='DecordInit'),
    dict(_base_.stacks, test_mode=True, twice_sample=True),
    dict(type='DecordDecode'),
    dict(type='Resize', scale=(-1, 256)),
    dict(type='CenterCrop', crop_size=256),
    dict(type='FormatShape', input_format='NCTHW'),
    dict(type='PackActionInputs'),
]
val_dataloader = dict(dataset=dict(pipeline=test_pipeline))
test_dataloader = val_dataloader
