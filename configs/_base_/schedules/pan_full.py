# PAN, p. 7, for both branches of PAN_Full in one run: RGB 50 epochs, /10 at 20 and 40, then it
# is frozen; PA 80 epochs, /10 at 30 and 60.
_base_ = './pan_80e.py'
optim_wrapper = dict(constructor='mmmotion.BranchOptimWrapperConstructor')
step = dict(type='mmmotion.BranchMultiStepLR', begin=0, by_epoch=True, gamma=0.1)
param_scheduler = [
    dict(step, branch='rgb', end=50, milestones=[20, 40]),
    dict(step, branch='pa', end=80, milestones=[30, 60]),
]
find_unused_parameters = True  # those of a branch that is frozen
