# DCD with ResNet-50s over the first convolution of another. Frames are pooled over time where
# BN-Inception pools them: before the stages whose maps are of 28, 14 and 7 pixels.
_base_ = './dcd_full_bninception.py'
resnet = dict(_delete_=True, type='ResNet', depth=50, pretrained='torchvision://resnet50')
head_of_resnet = dict(in_channels=2048, dropout_ratio=0.5, init_std=0.01)
pooled = dict(backbone=resnet, pool_after=('layer1', 'layer2', 'layer3'))
model = dict(
    stem=dict(
        backbone=dict(_delete_=True, type='mmmotion.ConvStem', pretrained='torchvision://resnet50')
    ),
    branches=dict(
        static=dict(backbone=pooled, cls_head=head_of_resnet),
        motion=dict(backbone=dict(backbone=resnet), cls_head=head_of_resnet),
        change=dict(backbone=pooled, cls_head=head_of_resnet),
    ),
    data_preprocessor=dict(
        mean=[123.675, 116.28, 103.53], std=[58.395, 57.12, 57.375], to_rgb=False
    ),
)
