# The one diagonal gradient of the released definition.
_base_ = './off_rgb_bninception_ucf101.py'

model = dict(neck=dict(unit=dict(kernel='released')))
