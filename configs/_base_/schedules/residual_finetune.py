# Residual Frames, Section 4.3, from Kinetics weights: lr 0.001, 50 epochs.
_base_ = './residual_100e.py'
max_epochs = 50
optim_wrapper = dict(optimizer=dict(lr=0.001))
param_scheduler = [dict(type='CosineAnnealingLR', end=max_epochs, T_max=max_epochs, by_epoch=True)]
train_cfg = dict(max_epochs=max_epochs)
