# Kinetics400 for representation flow (Section 4, Appendix A): 32 adjacent frames of 224 x 224,
# tested on 25 random crops.
_base_ = './kinetics400.py'
clip = dict(type='mmmotion.StackedSampleFrames', num_clips=1, clip_len=32, repeat_last=True)
pack = [dict(type='FormatShape', input_format='NCTHW'), dict(type='PackActionInputs')]
train_pipeline = [
    dict(type='DecordInit'),
    clip,
    dict(type='DecordDecode'),
    dict(type='Resize', scale=(-1, 256)),
    dict(type='RandomCrop', size=224),
    dict(type='Flip', flip_ratio=0.5),
    *pack,
]
test_pipeline = [
    dict(type='DecordInit'),
    dict(clip, test_mode=True),
    dict(type='DecordDecode'),
    dict(type='Resize', scale=(-1, 256)),
    dict(type='mmmotion.RandomCrops', num_crops=25, crop_size=224),
    *pack,
]
train_dataloader = dict(dataset=dict(pipeline=train_pipeline))
val_dataloader = dict(batch_size=1, dataset=dict(pipeline=test_pipeline))
test_dataloader = val_dataloader
