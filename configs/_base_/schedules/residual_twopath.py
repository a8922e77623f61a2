# Residual Frames, Section 4.3, both paths in one run: motion from scratch, lr 0.1, 100 epochs;
# appearance from ImageNet, lr 0.001, 50 epochs, then it is frozen.
_base_ = './residual_100e.py'
optim_wrapper = dict(
    constructor='mmmotion.BranchOptimWrapperConstructor',
    paramwise_cfg=dict(custom_keys={'branches.appearance.': dict(lr_mult=0.01)}),
)
cosine = dict(type='mmmotion.BranchCosineAnnealingLR', by_epoch=True)
param_scheduler = [
    dict(type='mmmotion.BranchLinearLR', branch='motion', start_factor=0.01, end=5, by_epoch=True),
    dict(cosine, branch='motion', begin=5, end=100, T_max=95),
    dict(cosine, branch='appearance', end=50, T_max=50),
]
find_unused_parameters = True  # those of a branch that is frozen
