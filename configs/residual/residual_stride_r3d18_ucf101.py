_base_ = './residual_pool_r3d18_ucf101.py'

model = dict(backbone=dict(downsample='stride'))
