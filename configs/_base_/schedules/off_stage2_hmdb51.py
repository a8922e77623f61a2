# The same iterations in epochs of HMDB51 split 1, 3570 videos.
_base_ = './off_stage2.py'
param_scheduler = [
    dict(type='MultiStepLR', begin=0, end=717, by_epoch=True, milestones=[358, 538, 645], gamma=0.1)
]
train_cfg = dict(max_epochs=717, val_interval=25)
