# PAN, p. 7, for UCF101 and HMDB51, from Kinetics weights: half the epochs of pan_full.py.
_base_ = './pan_full.py'
param_scheduler = [
    dict(_base_.step, branch='rgb', end=25, milestones=[10, 20]),
    dict(_base_.step, branch='pa', end=40, milestones=[15, 30]),
]
train_cfg = dict(max_epochs=40)
