# The OFF sub-network on a frozen ResNet-50: one map a level, of 28, 14 and 7 pixels of 224.
model = dict(
    type='mmmotion.OFFRecognizer',
    backbone=dict(type='ResNet', depth=50, norm_eval=False),
    features=['layer2', 'layer3', 'layer4'],
    frozen=True,
    neck=dict(type='mmmotion.OFFSubnetwork'),
    cls_head=dict(
        type='mmmotion.OFFHead', num_classes=400, dropout_ratio=0.8, average_clips='score'
    ),
    data_preprocessor=dict(
        type='ActionDataPreprocessor',
        mean=[123.675, 116.28, 103.53],
        std=[58.395, 57.12, 57.375],
        to_rgb=False,
        format_shape='NCHW',
    ),
)
