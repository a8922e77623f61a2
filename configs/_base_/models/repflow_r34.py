# Representation flow after block 3 of a 2D ResNet-34, from scratch (Representation Flow, Section
# 4): 10 iterations, divergence kernels and tau, lambda, theta learned. T - 1 predictions averaged.
block = dict(
    type='mmmotion.RepFlowBlock',
    flow=dict(num_iters=10, learn=['divergence', 'hyperparameters']),
)
model = dict(
    type='Recognizer3D',
    backbone=dict(
        type='mmmotion.PluggedBackbone',
        backbone=dict(type='ResNet', depth=34, norm_eval=False),
        plugins=[dict(after='layer2', module=block)],
    ),
    cls_head=dict(
        type='I3DHead',
        num_classes=400,
        in_channels=512,
        dropout_ratio=0.5,
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
