# PAN, p. 7, for UCF101 and HMDB51, from Kinetics weights: half the epochs of pan_80e.py.
_base_ = './pan_80e.py'
param_scheduler = [
    dict(type='MultiStepLR', begin=0, end=40, by_epoch=True, milestones=[15, 30], gamma=0.1)
]
train_cfg = dict(max_epochs=40)
