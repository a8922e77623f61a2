# MotionShapes has no lists: its videos are made in data_root on first use, with their labels.
# Larger and harder ones stand in folders of their own.
motion_shapes = dict(type='mmmotion.MotionShapesDataset', data_root='data/motion_shapes')
motion_shapes_hard = dict(data_root='data/motion_shapes_hard', spec=dict(camera_motion=True))
motion_shapes_64 = dict(
    data_root='data/motion_shapes_64', spec=dict(image_size=64, num_frames=17, num_train=800)
)
train_dataloader = dict(
    batch_size=16,
    num_workers=2,
    persistent_workers=True,
    sampler=dict(type='DefaultSampler', shuffle=True),
    dataset=dict(motion_shapes, split='train'),
)
val_dataloader = dict(
    batch_size=32,
    num_workers=2,
    persistent_workers=True,
    sampler=dict(type='DefaultSampler', shuffle=False),
    dataset=dict(motion_shapes, split='val', test_mode=True),
)
test_dataloader = dict(
    batch_size=32,
    num_workers=2,
    sampler=dict(type='DefaultSampler', shuffle=False),
    dataset=dict(motion_shapes, split='test', test_mode=True),
)
val_evaluator = dict(type='AccMetric')
test_evaluator = val_evaluator
