# Stage 1 on flow: x and y of 5 flows, 10 channels.
_base_ = './off_tsn_bninception.py'
model = dict(
    backbone=dict(in_channels=10),
    data_preprocessor=dict(mean=[128] * 10, std=[1] * 10, to_rgb=False),
)
