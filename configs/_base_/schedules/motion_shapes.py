# A few minutes on two CPU cores, from scratch: one cycle of the learning rate.
max_epochs = 3
optim_wrapper = dict(
    type='mmmotion.BFloat16OptimWrapper',
    optimizer=dict(type='SGD', lr=0.05, momentum=0.9, weight_decay=1e-4),
    clip_grad=dict(max_norm=3, norm_type=2),
)
one_cycle = dict(
    type='OneCycleLR',
    eta_max=0.05,
    pct_start=0.2,
    total_steps=max_epochs,
    by_epoch=True,
    convert_to_iter_based=True,
)
param_scheduler = [one_cycle]
train_cfg = dict(type='EpochBasedTrainLoop', max_epochs=max_epochs, val_interval=max_epochs)
val_cfg = dict(type='ValLoop')
test_cfg = dict(type='TestLoop')
auto_scale_lr = dict(enable=False, base_batch_size=16)
