# TSM on RGB: TSN whose residual blocks shift 1/8 of their channels each way in time. From scratch.
_base_ = './tsn_r18.py'
model = dict(
    backbone=dict(
        type='ResNetTSM', num_segments=8, shift_div=8, pretrained=None, pretrained2d=False
    ),
    cls_head=dict(type='TSMHead', num_segments=8, is_shift=True),
)
