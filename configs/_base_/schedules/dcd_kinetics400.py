# DCD, Section 4.1, Kinetics: all branches and the stem with lr 0.01, /10 every 40000 of 110000
# iterations, in epochs of 940, those of 240436 videos.
_base_ = './dcd_ucf101.py'
optim_wrapper = dict(optimizer=dict(lr=0.01), paramwise_cfg=None)
param_scheduler = [
    dict(type='MultiStepLR', begin=0, end=117, by_epoch=True, milestones=[43, 85], gamma=0.1)
]
train_cfg = dict(max_epochs=117)
