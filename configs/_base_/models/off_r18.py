# OFF of early levels of a ResNet-18, both from scratch: nothing is downloaded. The sub-network has
# fewer channels and blocks than the released one, and little dropout: there are few iterations.
model = dict(
    type='mmmotion.OFFRecognizer',
    backbone=dict(type='ResNet', depth=18, norm_eval=False),
    features=['conv1', 'layer1', 'layer2'],
    frozen=False,
    neck=dict(
        type='mmmotion.OFFSubnetwork',
        levels=[
            dict(width=32, kernel_size=5, num_blocks=1),
            dict(width=64, kernel_size=3, num_blocks=1),
            dict(width=128, kernel_size=3, num_blocks=1),
        ],
        unit=dict(temporal_channels=32, spatial_channels=16, dropout=0),
    ),
    cls_head=dict(
        type='mmmotion.OFFHead',
        num_classes=400,
        dropout_ratio=0.2,
        init_std=0.01,
        average_clips='score',
    ),
    data_preprocessor=dict(
        type='ActionDataPreprocessor',
        mean=[123.675, 116.28, 103.53],
        std=[58.395, 57.12, 57.375],
        to_rgb=False,
        format_shape='NCHW',
    ),
)
