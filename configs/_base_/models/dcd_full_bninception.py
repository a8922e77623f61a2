# DCD (Section 3): static appearance, apparent motion and appearance change over the first
# convolution of BN-Inception; predictions averaged. Window, tau and dropout (TSN's) are ours.
# ImageNet weights, converted by tools/convert/bn_inception_pytorch.py, expect BGR in 0..255.
num_frames = 8
bn_inception = dict(type='mmmotion.BNInception', pretrained='checkpoints/bn_inception.pth')
head = dict(
    type='TSNHead',
    num_classes=400,
    in_channels=1024,
    consensus=dict(type='AvgConsensus', dim=1),
    dropout_ratio=0.7,
    init_std=0.001,
)
per_frame = dict(
    type='mmmotion.FrameBackbone',
    backbone=bn_inception,
    pool_after=('pool2', 'inception_3c', 'inception_4e'),
)
model = dict(
    type='mmmotion.BranchRecognizer',
    stem=dict(
        type='mmmotion.DynamicsStem',
        backbone=dict(bn_inception, out_indices=('conv1',)),
        max_displacement=4,
        tau=0.02,
    ),
    branches=dict(
        static=dict(
            type='Recognizer2D',
            backbone=dict(per_frame, num_frames=num_frames),
            cls_head=dict(head, dropout_ratio=0.8),
            sees=dict(type='mmmotion.StaticAppearance'),
        ),
        motion=dict(
            type='Recognizer2D',
            backbone=dict(
                type='mmmotion.MapBackbone',
                backbone=bn_inception,
                in_channels=2 * (num_frames - 1),
                stride=1,  # the stem has downsampled the maps
            ),
            cls_head=head,
            sees=dict(type='mmmotion.ApparentMotion'),
        ),
        change=dict(
            type='Recognizer2D',
            backbone=dict(per_frame, num_frames=num_frames - 1),
            cls_head=head,
            sees=dict(type='mmmotion.AppearanceChange'),
        ),
    ),
    average_clips='prob',
    data_preprocessor=dict(
        type='ActionDataPreprocessor',
        mean=[104, 117, 128],
        std=[1, 1, 1],
        to_rgb=True,  # swaps the channels: frames are decoded to RGB, so the network sees BGR
        format_shape='NCTHW',
    ),
)
