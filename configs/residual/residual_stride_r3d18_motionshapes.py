# Two epochs, for minutes on two CPU cores. Strides, which cost two thirds of what pooling does.
_base_ = [
    '../_base_/models/residual_r3d18.py',
    '../_base_/datasets/motion_shapes_clips.py',
    '../_base_/schedules/motion_shapes.py',
    '../_base_/default_runtime.py',
]

model = dict(backbone=dict(downsample='stride'), cls_head=dict(num_classes=8))
param_scheduler = [dict(_base_.param_scheduler[0], total_steps=2)]
train_cfg = dict(max_epochs=2, val_interval=2)
