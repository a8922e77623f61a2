# The final (2+1)D model (Section 4, Table 9); the paper does not say how deep.
_base_ = './repflow_r50.py'
model = dict(
    backbone=dict(
        backbone=dict(
            _delete_=True,
            type='ResNet2Plus1d',
            depth=50,
            pretrained=None,
            pretrained2d=False,
            conv1_kernel=(3, 7, 7),
            conv_cfg=dict(type='Conv2plus1d'),
            norm_eval=False,
        )
    )
)
