# Stage 1, TSN's recipe on UCF101 for RGB differences: 180 epochs, /10 at 80 and 160.
_base_ = './off_tsn.py'
optim_wrapper = dict(clip_grad=dict(max_norm=40))
param_scheduler = [
    dict(type='MultiStepLR', begin=0, end=180, by_epoch=True, milestones=[80, 160], gamma=0.1)
]
train_cfg = dict(max_epochs=180)
