# Appearance path (Residual Frames, Section 3.2): one RGB frame through a 2D ResNet.
_base_ = './tsn_r18.py'
model = dict(
    backbone=dict(depth=50, pretrained='torchvision://resnet50', norm_eval=False),
    cls_head=dict(in_channels=2048, dropout_ratio=0, average_clips='prob'),
)
