_base_ = './residual_pool_r3d18_ucf101.py'

model = dict(
    backbone=dict(_delete_=True, type='mmmotion.R2Plus1d', act='elu'),
    cls_head=dict(in_channels=512),
)
