# From Kinetics (Table 7).
_base_ = './dcd_full_bninception_ucf101.py'

load_from = 'work_dirs/dcd_full_bninception_kinetics400/epoch_117.pth'
