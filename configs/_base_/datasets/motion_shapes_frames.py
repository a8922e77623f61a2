# MotionShapes for models of adjacent frames: the first clip of 5 in a row, for 4 flows.
_base_ = './motion_shapes.py'
clip = dict(type='mmmotion.StackedSampleFrames', num_clips=1, clip_len=5)
decode, fit, pack = _base_.decode, _base_.fit, _base_.pack
train_pipeline = [dict(type='DecordInit'), clip, decode, *pack]
test_pipeline = [dict(type='DecordInit'), dict(clip, test_mode=True), decode, *fit, *pack]
train_dataloader = dict(dataset=dict(pipeline=train_pipeline))
val_dataloader = dict(dataset=dict(pipeline=test_pipeline))
test_dataloader = dict(dataset=dict(pipeline=test_pipeline))
