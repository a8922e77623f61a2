# PAN_Lite (PAN, Section IV-A2): RGB and PA of each stack through one TSM-ResNet, then VAP.
model = dict(
    type='Recognizer2D',
    backbone=dict(
        type='mmmotion.MotionBackbone',
        motion=dict(type='mmmotion.PersistenceOfAppearance'),
        clip_len=4,
        with_rgb=True,
        backbone=dict(
            type='ResNetTSM',
            depth=50,
            num_segments=8,
            shift_div=8,
            pretrained='torchvision://resnet50',
            pretrained2d=True,
            norm_eval=False,
        ),
    ),
    cls_head=dict(
        type='mmmotion.VAPHead',
        num_classes=400,
        in_channels=2048,
        num_segments=8,
        expansion=4,
        dropout_ratio=0.5,
        average_clips='score',
    ),
    data_preprocessor=dict(
        type='ActionDataPreprocessor',
        mean=[123.675, 116.28, 103.53],
        std=[58.395, 57.12, 57.375],
        format_shape='NCTHW',
    ),
)
