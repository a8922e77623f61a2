# The same sub-network without the OFF operation (Table 3).
_base_ = './off_rgb_bninception_ucf101.py'

model = dict(neck=dict(unit=dict(hypercolumn=True)))
