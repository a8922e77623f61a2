# MotionShapes for models of one motion at a time: a pair of adjacent frames of 60 clips at once. Of
# the training clips a quarter, seen four times as often: see configs/dcd/README.md.
_base_ = './motion_shapes.py'
pair = dict(type='mmmotion.StackedSampleFrames', num_clips=1, clip_len=2)
pairs = dict(pair, num_clips=10, test_mode=True)
decode, fit, pack = _base_.decode, _base_.fit, _base_.pack
train_pipeline = [dict(type='DecordInit'), pair, decode, *pack]
test_pipeline = [dict(type='DecordInit'), pairs, decode, *fit, *pack]
train_dataloader = dict(batch_size=60, dataset=dict(indices=600, pipeline=train_pipeline))
val_dataloader = dict(dataset=dict(pipeline=test_pipeline))
test_dataloader = dict(dataset=dict(pipeline=test_pipeline))
