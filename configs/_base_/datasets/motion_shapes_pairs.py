# MotionShapes for models of one motion at a time: pairs of adjacent frames, of 64 clips at once.
_base_ = './motion_shapes.py'
pair = dict(type='mmmotion.SampleFrameStacks', num_segments=1, clip_len=2)
decode_and_pack = _base_.decode_and_pack
train_pipeline = [dict(type='DecordInit'), pair, *decode_and_pack]
test_pipeline = [dict(type='DecordInit'), dict(pair, num_segments=8, test_mode=True), *decode_and_pack]
train_dataloader = dict(batch_size=64, dataset=dict(pipeline=train_pipeline))
val_dataloader = dict(dataset=dict(pipeline=test_pipeline))
test_dataloader = dict(dataset=dict(pipeline=test_pipeline))
