# Stage 1, TSN's recipe on UCF101 for flow: 340 epochs, /10 at 190 and 300.
_base_ = './off_tsn.py'
param_scheduler = [
    dict(type='MultiStepLR', begin=0, end=340, by_epoch=True, milestones=[190, 300], gamma=0.1)
]
train_cfg = dict(max_epochs=340)
