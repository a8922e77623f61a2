_base_ = './dcd_full_bninception_ucf101.py'

model = dict(use=['static'])
param_scheduler = [dict(_base_.short, branch=name) for name in (None, 'static')]
train_cfg = dict(max_epochs=118)
