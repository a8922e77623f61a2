# UCF101, split 1, for networks of one frame: a random one, 224 x 224 of 256 x 256; tested on 10.
_base_ = './ucf101_clips.py'
frame = dict(type='mmmotion.StackedSampleFrames', num_clips=1, clip_len=1)
resize = dict(type='Resize', scale=(256, 256), keep_ratio=False)
pack = [dict(type='FormatShape', input_format='NCHW'), dict(type='PackActionInputs')]
train_pipeline = [
    dict(type='DecordInit'),
    frame,
    dict(type='DecordDecode'),
    resize,
    dict(type='RandomCrop', size=224),
    dict(type='Flip', flip_ratio=0.5),
    *pack,
]
test_pipeline = [
    dict(type='DecordInit'),
    dict(frame, num_clips=10, test_mode=True),
    dict(type='DecordDecode'),
    resize,
    dict(type='CenterCrop', crop_size=224),
    *pack,
]
train_dataloader = dict(dataset=dict(pipeline=train_pipeline))
val_dataloader = dict(dataset=dict(pipeline=test_pipeline))
test_dataloader = val_dataloader
