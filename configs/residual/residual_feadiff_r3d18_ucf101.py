_base_ = './residual_pool_r3d18_ucf101.py'

model = dict(
    backbone=dict(fea_diff=True),
    data_preprocessor=dict(type='ActionDataPreprocessor', mean=[114, 114, 114]),
)
