# TSN on RGB: one frame a segment, the segments' scores averaged. From scratch.
model = dict(
    type='Recognizer2D',
    backbone=dict(type='ResNet', depth=18),
    cls_head=dict(
        type='TSNHead',
        num_classes=400,
        in_channels=512,
        consensus=dict(type='AvgConsensus', dim=1),
        dropout_ratio=0.2,
        init_std=0.01,
        average_clips='prob',
    ),
    data_preprocessor=dict(
        type='ActionDataPreprocessor',
        mean=[123.675, 116.28, 103.53],
        std=[58.395, 57.12, 57.375],
        format_shape='NCHW',
    ),
)
