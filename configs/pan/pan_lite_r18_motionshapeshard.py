# The config that the ablations vary: one epoch, under two minutes on two CPU cores.
_base_ = [
    '../_base_/models/pan_lite_r18.py',
    '../_base_/datasets/motion_shapes_hard.py',
    '../_base_/schedules/motion_shapes.py',
    '../_base_/default_runtime.py',
]

num_segments = 4
model = dict(
    backbone=dict(backbone=dict(num_segments=num_segments)),
    cls_head=dict(num_classes=8, num_segments=num_segments),
)
param_scheduler = [dict(_base_.one_cycle, total_steps=1)]
train_cfg = dict(max_epochs=1, val_interval=1)
