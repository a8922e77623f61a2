# PA beside RGB on BN-Inception (PAN, Table III). Its ImageNet weights, converted by
# tools/convert/bn_inception_pytorch.py, expect BGR in 0..255.
_base_ = './pan_full_r50.py'
bn_inception = dict(
    _delete_=True, type='mmmotion.BNInception', pretrained='checkpoints/bn_inception.pth'
)
head = dict(in_channels=1024, dropout_ratio=0.7)
model = dict(
    branches=dict(
        rgb=dict(backbone=bn_inception, cls_head=head),
        pa=dict(backbone=dict(backbone=bn_inception), cls_head=head),
    ),
    # to_rgb swaps the channels: frames are decoded to RGB, so the network sees BGR.
    data_preprocessor=dict(mean=[104, 117, 128], std=[1, 1, 1], to_rgb=True),
)
