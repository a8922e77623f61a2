# Stage 1, TSN's recipe on UCF101 for RGB, from its PyTorch code: lr 0.001 for a batch of 128, 80
# epochs, /10 at 30 and 60, gradients clipped at 20.
optim_wrapper = dict(
    type='OptimWrapper',
    optimizer=dict(type='SGD', lr=0.001, momentum=0.9, weight_decay=5e-4),
    clip_grad=dict(max_norm=20, norm_type=2),
)
param_scheduler = [
    dict(type='MultiStepLR', begin=0, end=80, by_epoch=True, milestones=[30, 60], gamma=0.1)
]
train_cfg = dict(type='EpochBasedTrainLoop', max_epochs=80, val_interval=5)
val_cfg = dict(type='ValLoop')
test_cfg = dict(type='TestLoop')
auto_scale_lr = dict(enable=False, base_batch_size=128)
