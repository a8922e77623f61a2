# PA beside RGB on a 3D ResNet-18 (PAN, Table III): 17 adjacent frames, and 16 maps between them.
resnet3d = dict(
    type='ResNet3d',
    depth=18,
    pretrained=None,
    pretrained2d=False,
    conv1_kernel=(7, 7, 7),
    conv1_stride_t=1,
    pool1_stride_t=2,
    with_pool2=False,
    temporal_strides=(1, 2, 2, 2),
    inflate_style='3x3x3',
)
head = dict(
    type='I3DHead',
    num_classes=400,
    in_channels=512,
    spatial_type='avg',
    dropout_ratio=0.7,
    init_std=0.001,
)
motion = dict(
    type='mmmotion.MotionBackbone',
    motion=dict(type='mmmotion.PersistenceOfAppearance'),
    clip_len=17,
    backbone=resnet3d,
)
model = dict(
    type='mmmotion.BranchRecognizer',
    branches=dict(
        rgb=dict(type='Recognizer3D', backbone=resnet3d, cls_head=head),
        pa=dict(type='Recognizer3D', backbone=motion, cls_head=head),
    ),
    data_preprocessor=dict(
        type='ActionDataPreprocessor',
        mean=[123.675, 116.28, 103.53],
        std=[58.395, 57.12, 57.375],
        format_shape='NCTHW',
    ),
)
