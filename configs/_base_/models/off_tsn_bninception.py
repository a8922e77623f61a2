# Stage 1 of OFF: the feature network, a TSN with BN-Inception, from ImageNet (section 4.2). The
# weights, converted by tools/convert/bn_inception_pytorch.py, expect BGR in 0..255.
model = dict(
    type='Recognizer2D',
    backbone=dict(
        type='mmmotion.BNInception', partial_bn=True, pretrained='checkpoints/bn_inception.pth'
    ),
    cls_head=dict(
        type='TSNHead',
        num_classes=400,
        in_channels=1024,
        consensus=dict(type='AvgConsensus', dim=1),
        dropout_ratio=0.8,
        init_std=0.001,
        average_clips='prob',
    ),
    data_preprocessor=dict(
        type='ActionDataPreprocessor',
        mean=[104, 117, 128],
        std=[1, 1, 1],
        to_rgb=True,  # swaps the channels: frames are decoded to RGB, so the network sees BGR
        format_shape='NCHW',
    ),
)
