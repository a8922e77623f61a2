_base_ = './dcd_full_bninception_ucf101.py'

model = dict(use=['motion', 'change'])
param_scheduler = [_base_.schedules[name] for name in ('stem', 'motion', 'change')]
