# PAN_Full with ResNet-18s, from scratch.
_base_ = './pan_full_r50.py'
resnet18 = dict(depth=18, pretrained=None, pretrained2d=False)
head = dict(in_channels=512, dropout_ratio=0.2)
model = dict(
    branches=dict(
        rgb=dict(backbone=resnet18, cls_head=head),
        pa=dict(backbone=dict(motion=dict(init_std=0.1), backbone=resnet18), cls_head=head),
    )
)
