# DCD, Section 4.1, UCF101, all branches in one run: a batch of 256, momentum 0.9, clip 20. Static
# appearance: lr 0.001, /10 every 1500 of 4500 iterations, then it is frozen; the others: 0.005, /10
# at 10000 and 16000 of 18000. In epochs of 38 iterations (split 1). Ours: the weight decay, of TSN,
# and that the stem has the rate of the first and the length of the others.
optim_wrapper = dict(
    type='OptimWrapper',
    constructor='mmmotion.BranchOptimWrapperConstructor',
    optimizer=dict(type='SGD', lr=0.005, momentum=0.9, weight_decay=5e-4),
    clip_grad=dict(max_norm=20, norm_type=2),
    paramwise_cfg=dict(
        custom_keys={'branches.static.': dict(lr_mult=0.2), 'stem.': dict(lr_mult=0.2)}
    ),
)
steps = dict(type='mmmotion.BranchMultiStepLR', begin=0, by_epoch=True, gamma=0.1)
short = dict(steps, end=118, milestones=[39, 79])
long = dict(steps, end=474, milestones=[263, 421])
schedules = dict(
    stem=dict(long, branch=None),
    static=dict(short, branch='static'),
    motion=dict(long, branch='motion'),
    change=dict(long, branch='change'),
)
param_scheduler = list(schedules.values())
find_unused_parameters = True  # those of a branch that is frozen
train_cfg = dict(type='EpochBasedTrainLoop', max_epochs=474, val_interval=5)
val_cfg = dict(type='ValLoop')
test_cfg = dict(type='TestLoop')
auto_scale_lr = dict(enable=False, base_batch_size=256)
