# As the paper draws it: one path of 128 channels for all three gradients.
_base_ = './off_rgb_bninception_ucf101.py'

model = dict(neck=dict(unit=dict(spatial_channels=None)))
