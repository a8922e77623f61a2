_base_ = './pan_en_r50_sthv2.py'

resnet101 = dict(depth=101, pretrained='torchvision://resnet101')
stacks = dict(backbone=dict(backbone=resnet101))
model = dict(branches=dict(rgb=dict(backbone=resnet101), pa=stacks, lite=stacks))
