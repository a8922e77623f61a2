_base_ = './residual_appearance_r50_ucf101.py'

model = dict(
    backbone=dict(depth=34, pretrained='torchvision://resnet34'),
    cls_head=dict(in_channels=512),
)
