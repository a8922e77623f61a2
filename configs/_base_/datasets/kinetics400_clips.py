# Kinetics400 for 3D networks (Residual Frames, Section 4.3): 17 adjacent frames, for 16 residual
# ones, of 170 x 128 cropped to 112 x 112; tested on 10 clips, uniformly sampled.
_base_ = './kinetics400.py'
clip = dict(type='mmmotion.StackedSampleFrames', num_clips=1, clip_len=17, repeat_last=True)
resize = dict(type='Resize', scale=(170, 128), keep_ratio=False)
pack = [dict(type='FormatShape', input_format='NCTHW'), dict(type='PackActionInputs')]
train_pipeline = [
    dict(type='DecordInit'),
    clip,
    dict(type='DecordDecode'),
    resize,
    dict(type='RandomCrop', size=112),
    dict(type='Flip', flip_ratio=0.5),
    *pack,
]
test_pipeline = [
    dict(type='DecordInit'),
    dict(clip, num_clips=10, test_mode=True),
    dict(type='DecordDecode'),
    resize,
    dict(type='CenterCrop', crop_size=112),
    *pack,
]
train_dataloader = dict(dataset=dict(pipeline=train_pipeline))
val_dataloader = dict(dataset=dict(pipeline=test_pipeline))
test_dataloader = val_dataloader
