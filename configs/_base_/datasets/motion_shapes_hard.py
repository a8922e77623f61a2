# The harder level of MotionShapes: the camera moves, so the background drifts, too.
_base_ = './motion_shapes.py'
hard = dict(data_root='data/motion_shapes_hard', spec=dict(camera_motion=True))
train_dataloader = dict(dataset=hard)
val_dataloader = dict(dataset=hard)
test_dataloader = dict(dataset=hard)
