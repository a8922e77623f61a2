# The network of the motion path on RGB, as the paper compares it.
_base_ = './residual_r3d18.py'
model = dict(data_preprocessor=dict(type='ActionDataPreprocessor', mean=[114, 114, 114]))
