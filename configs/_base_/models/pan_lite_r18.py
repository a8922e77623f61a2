# PAN_Lite with a ResNet-18, from scratch: nothing is downloaded. PA starts with values
# as large as those of RGB.
_base_ = './pan_lite_r50.py'
model = dict(
    backbone=dict(
        motion=dict(init_std=0.1),
        backbone=dict(depth=18, pretrained=None, pretrained2d=False),
    ),
    cls_head=dict(in_channels=512, dropout_ratio=0.2),
)
