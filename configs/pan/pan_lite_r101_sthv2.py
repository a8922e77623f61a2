_base_ = './pan_lite_r50_sthv2.py'

resnet101 = dict(depth=101, pretrained='torchvision://resnet101')
model = dict(backbone=dict(backbone=resnet101))
