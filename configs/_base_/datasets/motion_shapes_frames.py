# MotionShapes for models of adjacent frames: one clip of 5, for 4 flows.
_base_ = ['../steps.py', '../lists/motion_shapes.py']
clip = dict(type='mmmotion.StackedSampleFrames', num_clips=1, clip_len=5)
train_pipeline = [_base_.open_video, clip, _base_.decode_video, *_base_.pack_clips]
test_pipeline = [
    _base_.open_video,
    dict(clip, test_mode=True),
    _base_.decode_video,
    *_base_.fit_44,
    *_base_.pack_clips,
]
train_dataloader = dict(dataset=dict(pipeline=train_pipeline))
val_dataloader = dict(dataset=dict(pipeline=test_pipeline))
test_dataloader = val_dataloader
