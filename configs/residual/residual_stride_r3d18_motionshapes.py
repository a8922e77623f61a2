# Six epochs, for minutes on two CPU cores. Strides, which cost two thirds of what pooling does.
# Few clips in small batches: growing and shrinking take many steps rather than many clips.
_base_ = [
    '../_base_/models/residual_r3d18.py',
    '../_base_/datasets/motion_shapes_clips.py',
    '../_base_/schedules/motion_shapes.py',
    '../_base_/default_runtime.py',
]

model = dict(backbone=dict(downsample='stride'), cls_head=dict(num_classes=8))
train_dataloader = dict(batch_size=6)
optim_wrapper = dict(optimizer=dict(lr=0.03))
param_scheduler = [dict(_base_.param_scheduler[0], eta_max=0.03, total_steps=6)]
train_cfg = dict(max_epochs=6, val_interval=6)
auto_scale_lr = dict(base_batch_size=6)
