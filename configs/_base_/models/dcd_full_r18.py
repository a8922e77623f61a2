# DCD with ResNet-18s from scratch, on pairs of small adjacent frames. The stem keeps their size,
# and the window is small: the edge of a growing shape moves by less than a pixel, of which distant
# matches show nothing.
_base_ = './dcd_full_r50.py'
num_frames = 2
# Without the last stage, whose maps would be of 2x2 pixels: a quarter of the time.
resnet18 = dict(
    depth=18,
    pretrained=None,
    num_stages=3,
    out_indices=(2,),
    strides=(1, 2, 2),
    dilations=(1, 1, 1),
)
narrow = dict(in_channels=256, dropout_ratio=0.2)
frames = dict(backbone=resnet18, num_frames=num_frames, pool_after=[])
maps = dict(backbone=resnet18, in_channels=2 * (num_frames - 1), stride=2)
differences = dict(frames, num_frames=num_frames - 1)
every_second = dict(step=2)  # of the pixels
model = dict(
    stem=dict(backbone=dict(pretrained=None), stride=1, max_displacement=2, tau=0.1),
    branches=dict(
        static=dict(backbone=frames, cls_head=narrow, sees=every_second),
        motion=dict(backbone=maps, cls_head=narrow),
        change=dict(backbone=differences, cls_head=narrow, sees=every_second),
    ),
)
