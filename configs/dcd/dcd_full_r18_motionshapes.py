_base_ = [
    '../_base_/models/dcd_full_r18.py',
    '../_base_/datasets/motion_shapes_pairs.py',
    '../_base_/schedules/motion_shapes.py',
    '../_base_/default_runtime.py',
]

branch = dict(cls_head=dict(num_classes=8))
model = dict(branches=dict(static=branch, motion=branch, change=branch))
val_evaluator = dict(type='mmmotion.BranchAccMetric')
test_evaluator = val_evaluator
param_scheduler = [dict(_base_.param_scheduler[0], total_steps=40)]
train_cfg = dict(max_epochs=40, val_interval=40)
default_hooks = dict(checkpoint=dict(interval=10), logger=dict(interval=10))
