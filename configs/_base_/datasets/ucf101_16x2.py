# UCF101 for networks that look across segments: 16 segments of 2 frames, joined to one clip.
_base_ = ['../steps.py', '../loaders.py', '../lists/ucf101.py']
stacks = dict(type='mmmotion.StackedSampleFrames', num_clips=16, clip_len=2, as_one_clip=True)
train_pipeline = [
    _base_.open_video,
    stacks,
    _base_.decode_video,
    _base_.short_side_256,
    *_base_.multi_scale_crop_224,
    _base_.flip,
    *_base_.pack_clips,
]
test_pipeline = [
    _base_.open_video,
    dict(stacks, test_mode=True, twice_sample=True),
    _base_.decode_video,
    _base_.short_side_256,
    _base_.center_crop_256,
    *_base_.pack_clips,
]
train_dataloader = dict(dataset=dict(_base_.ucf101_train, pipeline=train_pipeline))
val_dataloader = dict(dataset=dict(_base_.ucf101_val, pipeline=test_pipeline))
test_dataloader = val_dataloader
val_evaluator = _base_.mean_class_first
test_evaluator = val_evaluator
