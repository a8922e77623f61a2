# MotionShapes for OFF: 5 adjacent frames in training, all 16 in testing. OFF is of a motion that is
# small beside what a feature sees, so frames are as near as they can be.
_base_ = './motion_shapes.py'
frames = dict(
    type='mmmotion.ConstantIntervalSampleFrames', num_clips=5, test_segments=16, clip_len=1
)
pack = [dict(type='FormatShape', input_format='NCHW'), dict(type='PackActionInputs')]
decode, fit = _base_.decode, _base_.fit
train_pipeline = [dict(type='DecordInit'), frames, decode, *pack]
test_pipeline = [dict(type='DecordInit'), dict(frames, test_mode=True), decode, *fit, *pack]
train_dataloader = dict(dataset=dict(pipeline=train_pipeline))
val_dataloader = dict(dataset=dict(pipeline=test_pipeline))
test_dataloader = dict(dataset=dict(pipeline=test_pipeline))
