# MotionShapes for 3D networks: the 17 frames of a clip, 64 x 64, for 16 residual ones.
_base_ = ['../steps.py', '../lists/motion_shapes.py']
clip = dict(type='mmmotion.StackedSampleFrames', num_clips=1, clip_len=17)
train_pipeline = [_base_.open_video, clip, _base_.decode_video, *_base_.pack_clips]
test_pipeline = [
    _base_.open_video,
    dict(clip, test_mode=True),
    _base_.decode_video,
    *_base_.fit_64,
    *_base_.pack_clips,
]
train_dataloader = dict(dataset=dict(_base_.motion_shapes_64, pipeline=train_pipeline))
val_dataloader = dict(dataset=dict(_base_.motion_shapes_64, pipeline=test_pipeline))
test_dataloader = val_dataloader
