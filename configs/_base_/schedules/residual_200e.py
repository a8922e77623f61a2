# Residual Frames, Section 4.3, Mini-Kinetics from scratch: 200 epochs.
_base_ = './residual_100e.py'
max_epochs = 200
param_scheduler = [
    dict(type='LinearLR', start_factor=0.01, end=5, by_epoch=True, convert_to_iter_based=True),
    dict(type='CosineAnnealingLR', begin=5, end=max_epochs, T_max=max_epochs - 5, by_epoch=True),
]
train_cfg = dict(max_epochs=max_epochs)
