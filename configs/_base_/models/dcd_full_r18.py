# DCD with ResNet-18s from scratch, on stacks of 4 small frames.
_base_ = './dcd_full_r50.py'
resnet18 = dict(depth=18, pretrained=None)
narrow = dict(in_channels=512, dropout_ratio=0.2)
model = dict(
    stem=dict(backbone=dict(pretrained=None)),
    branches=dict(
        static=dict(backbone=dict(backbone=resnet18, num_frames=4), cls_head=narrow),
        motion=dict(backbone=dict(backbone=resnet18, in_channels=2 * 3), cls_head=narrow),
        change=dict(backbone=dict(backbone=resnet18, num_frames=3), cls_head=narrow),
    ),
)
