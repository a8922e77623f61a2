# Representation Flow, Appendix A: SGD 0.9, lr 0.1 for a batch of 32, 200 epochs, /10 every 50; the
# parameters of the flow at a hundredth of it, or training diverges. The weight decay is ours.
optim_wrapper = dict(
    type='OptimWrapper',
    optimizer=dict(type='SGD', lr=0.1, momentum=0.9, weight_decay=1e-4),
    clip_grad=dict(max_norm=40, norm_type=2),
    paramwise_cfg=dict(custom_keys={'flows.': dict(lr_mult=0.01, decay_mult=0)}),
)
param_scheduler = [
    dict(type='MultiStepLR', end=200, by_epoch=True, milestones=[50, 100, 150], gamma=0.1)
]
train_cfg = dict(type='EpochBasedTrainLoop', max_epochs=200, val_interval=5)
val_cfg = dict(type='ValLoop')
test_cfg = dict(type='TestLoop')
auto_scale_lr = dict(enable=False, base_batch_size=32)
