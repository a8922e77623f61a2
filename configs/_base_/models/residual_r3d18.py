# Motion path (Residual Frames, Section 3): a 3D ResNet-18 on residual frames, with max-pooling
# where it downsamples, and ELU. Mean 0 and one std, so that residuals may be taken anywhere.
model = dict(
    type='Recognizer3D',
    backbone=dict(type='mmmotion.ResNet3dPool', downsample='pool', act='elu'),
    cls_head=dict(
        type='I3DHead',
        num_classes=400,
        in_channels=512,
        spatial_type='avg',
        dropout_ratio=0,
        init_std=0.01,
        average_clips='prob',
    ),
    data_preprocessor=dict(
        type='mmmotion.ResidualDataPreprocessor',
        mean=[0, 0, 0],
        std=[58, 58, 58],
        format_shape='NCTHW',
    ),
)
