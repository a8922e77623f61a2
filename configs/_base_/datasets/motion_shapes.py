# MotionShapes in stacks, for PAN.
_base_ = ['../pipelines/motion_shapes.py', '../lists/motion_shapes.py']
train_dataloader = dict(dataset=dict(pipeline=_base_.train_pipeline))
val_dataloader = dict(dataset=dict(pipeline=_base_.test_pipeline))
test_dataloader = val_dataloader
