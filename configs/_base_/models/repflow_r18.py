# Representation flow of the frames themselves, before a 2D ResNet-18, from scratch: where frames
# are small, so are the maps after its first stages, and motion in them is lost.
model = dict(
    type='Recognizer3D',
    backbone=dict(
        type='mmmotion.PluggedBackbone',
        backbone=dict(type='ResNet', depth=18),
        plugins=[
            dict(
                after='input',
                module=dict(
                    type='mmmotion.RepFlowBlock',
                    channels=None,
                    flow=dict(num_iters=10, mode='tvl1'),
                    norm=True,
                ),
            )
        ],
    ),
    cls_head=dict(
        type='I3DHead',
        num_classes=400,
        in_channels=512,
        dropout_ratio=0.2,
        init_std=0.01,
        average_clips='prob',
    ),
    data_preprocessor=dict(
        type='ActionDataPreprocessor',
        mean=[123.675, 116.28, 103.53],
        std=[58.395, 57.12, 57.375],
        format_shape='NCTHW',
    ),
)
