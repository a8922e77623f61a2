# UCF101 for OFF: 7 segments in training, 25 in testing, as far apart in both (section 4.2).
_base_ = './ucf101.py'
frames = dict(
    type='mmmotion.ConstantIntervalSampleFrames', num_clips=7, test_segments=25, clip_len=1
)
resize_and_crop = _base_.train_pipeline[3:-2]
pack = [dict(type='FormatShape', input_format='NCHW'), dict(type='PackActionInputs')]
train_pipeline = [
    dict(type='DecordInit'),
    frames,
    dict(type='DecordDecode'),
    *resize_and_crop,
    *pack,
]
test_pipeline = [
    dict(type='DecordInit'),
    dict(frames, test_mode=True),
    dict(type='DecordDecode'),
    dict(type='Resize', scale=(-1, 256)),
    dict(type='CenterCrop', crop_size=224),
    *pack,
]
train_dataloader = dict(batch_size=32, dataset=dict(pipeline=train_pipeline))
val_dataloader = dict(batch_size=4, dataset=dict(pipeline=test_pipeline))
test_dataloader = val_dataloader
