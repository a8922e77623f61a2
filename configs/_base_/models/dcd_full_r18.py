# DCD with ResNet-18s from scratch, on pairs of small adjacent frames. The stem keeps their size and
# the window is small: of less than a pixel, as what grows moves, far matches know nothing.
_base_ = './dcd_full_r50.py'
num_frames = 2
resnet18 = dict(depth=18, pretrained=None)
narrow = dict(in_channels=512, dropout_ratio=0.2)
maps = dict(backbone=resnet18, in_channels=2 * (num_frames - 1), stride=2)
model = dict(
    stem=dict(backbone=dict(pretrained=None), stride=1, max_displacement=2, tau=0.1),
    branches=dict(
        static=dict(
            backbone=dict(backbone=resnet18, num_frames=num_frames, pool_after=[]), cls_head=narrow
        ),
        motion=dict(backbone=maps, cls_head=narrow),
        change=dict(
            backbone=dict(backbone=resnet18, num_frames=num_frames - 1, pool_after=[]),
            cls_head=narrow,
        ),
    ),
    views=dict(static=dict(step=2), change=dict(step=2)),
)
