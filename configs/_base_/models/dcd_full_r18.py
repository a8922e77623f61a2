# DCD with ResNet-18s from scratch, on 5 small adjacent frames. The stem keeps their size: motion of
# less than a pixel, as of what grows, is lost between features two pixels apart.
_base_ = './dcd_full_r50.py'
num_frames = 2
resnet18 = dict(depth=18, pretrained=None)
narrow = dict(in_channels=512, dropout_ratio=0.2)
model = dict(
    stem=dict(backbone=dict(pretrained=None), stride=1, max_displacement=3, tau=0.05),
    branches=dict(
        static=dict(
            backbone=dict(backbone=resnet18, num_frames=num_frames, pool_after=[]), cls_head=narrow
        ),
        motion=dict(
            backbone=dict(backbone=resnet18, in_channels=2 * (num_frames - 1), stride=2), cls_head=narrow
        ),
        change=dict(
            backbone=dict(backbone=resnet18, num_frames=num_frames - 1, pool_after=[]), cls_head=narrow
        ),
    ),
    views=dict(static=dict(step=2), change=dict(step=2)),
)
