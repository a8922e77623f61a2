# OFF, section 5.1: the OFF sub-network from scratch, lr 0.02 for a batch of 128, 20000 iterations,
# /10 at 10000, 15000 and 18000: epochs of UCF101 split 1, 9537 videos. From the released solver:
# momentum 0.9, weight decay 5e-4, gradients clipped at 40.
optim_wrapper = dict(
    type='OptimWrapper',
    optimizer=dict(type='SGD', lr=0.02, momentum=0.9, weight_decay=5e-4),
    clip_grad=dict(max_norm=40, norm_type=2),
)
param_scheduler = [
    dict(type='MultiStepLR', begin=0, end=268, by_epoch=True, milestones=[134, 201, 241], gamma=0.1)
]
train_cfg = dict(type='EpochBasedTrainLoop', max_epochs=268, val_interval=10)
val_cfg = dict(type='ValLoop')
test_cfg = dict(type='TestLoop')
auto_scale_lr = dict(enable=False, base_batch_size=128)
