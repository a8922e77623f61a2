# Stage 2 on flow.
_base_ = './off_bninception.py'
model = dict(
    backbone=dict(in_channels=10),
    data_preprocessor=dict(mean=[128] * 10, std=[1] * 10, to_rgb=False),
)
