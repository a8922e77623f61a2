# The harder level of MotionShapes: the camera moves, so the background drifts, too.
_base_ = ['../pipelines/motion_shapes.py', '../lists/motion_shapes.py']
train_dataloader = dict(dataset=dict(_base_.motion_shapes_hard, pipeline=_base_.train_pipeline))
val_dataloader = dict(dataset=dict(_base_.motion_shapes_hard, pipeline=_base_.test_pipeline))
test_dataloader = val_dataloader
