# PAN, p. 7, for the RGB branch: as for the others, but 50 epochs, /10 at 20 and 40.
_base_ = './pan_80e.py'
param_scheduler = [
    dict(type='MultiStepLR', begin=0, end=50, by_epoch=True, milestones=[20, 40], gamma=0.1)
]
train_cfg = dict(max_epochs=50)
