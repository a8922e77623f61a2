# UCF101, split 1, for networks that look across segments: 16 segments of 2 frames as one clip.
_base_ = './ucf101.py'
stacks = dict(type='mmmotion.StackedSampleFrames', num_clips=16, clip_len=2, as_one_clip=True)
train_pipeline = [_base_.train_pipeline[0], stacks, *_base_.train_pipeline[2:]]
test_pipeline = [
    _base_.test_pipeline[0],
    dict(stacks, test_mode=True, twice_sample=True),
    *_base_.test_pipeline[2:],
]
train_dataloader = dict(dataset=dict(pipeline=train_pipeline))
val_dataloader = dict(dataset=dict(pipeline=test_pipeline))
test_dataloader = val_dataloader
