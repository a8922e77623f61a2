# The same network, schedule and clips on RGB.
_base_ = './residual_stride_r3d18_motionshapes.py'

model = dict(data_preprocessor=dict(type='ActionDataPreprocessor', mean=[114, 114, 114]))
