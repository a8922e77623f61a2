# Kinetics400 for DCD: 8 adjacent frames in each of TSN's 3 segments; tested on 10, uniformly
# sampled, at 224 x 224. How the paper samples is not in it.
_base_ = './kinetics400.py'
snippets = dict(type='mmmotion.StackedSampleFrames', num_clips=3, clip_len=8, repeat_last=True)
train_pipeline = [_base_.train_pipeline[0], snippets, *_base_.train_pipeline[2:]]
test_pipeline = [
    _base_.test_pipeline[0],
    dict(snippets, num_clips=10, test_mode=True),
    *_base_.test_pipeline[2:4],
    dict(type='CenterCrop', crop_size=224),
    *_base_.test_pipeline[5:],
]
train_dataloader = dict(dataset=dict(pipeline=train_pipeline))
val_dataloader = dict(dataset=dict(pipeline=test_pipeline))
test_dataloader = val_dataloader
