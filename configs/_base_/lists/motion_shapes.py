# MotionShapes has no lists: its videos are made in data_root on first use, with their labels.
motion_shapes = dict(type='mmmotion.MotionShapesDataset', data_root='data/motion_shapes')
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
