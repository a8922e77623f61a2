# PAN_En in one run: PAN_Lite follows the schedule of the PA branch.
_base_ = './pan_full.py'
param_scheduler = [
    *_base_.param_scheduler,
    dict(_base_.step, branch='lite', end=80, milestones=[30, 60]),
]
