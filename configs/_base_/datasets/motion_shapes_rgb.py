# MotionShapes for models of single frames: the first frame of each of the same 4 stacks.
_base_ = './motion_shapes.py'
frames = dict(type='mmmotion.StackedSampleFrames', num_clips=4, clip_len=1)
decode, fit = _base_.decode, _base_.fit
pack = [dict(type='FormatShape', input_format='NCHW'), dict(type='PackActionInputs')]
train_pipeline = [dict(type='DecordInit'), frames, decode, *pack]
test_pipeline = [dict(type='DecordInit'), dict(frames, test_mode=True), decode, *fit, *pack]
train_dataloader = dict(dataset=dict(pipeline=train_pipeline))
val_dataloader = dict(dataset=dict(pipeline=test_pipeline))
test_dataloader = dict(dataset=dict(pipeline=test_pipeline))
