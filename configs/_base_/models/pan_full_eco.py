# PA beside RGB on ECO-Lite (PAN, Table III): 16 segments of 2 frames in a row, so that it sees 16
# frames, and 16 maps of PA, of the whole video. Weights as for BN-Inception.
eco = dict(type='mmmotion.ECOLite', pretrained='checkpoints/bn_inception.pth')
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
    clip_len=2,
    backbone=eco,
)
model = dict(
    type='mmmotion.BranchRecognizer',
    branches=dict(
        rgb=dict(type='Recognizer3D', backbone=eco, cls_head=head),
        pa=dict(type='Recognizer3D', backbone=motion, cls_head=head),
    ),
    views=dict(rgb=dict(type='mmmotion.StrideFrames', step=2)),
    data_preprocessor=dict(
        type='ActionDataPreprocessor',
        mean=[104, 117, 128],
        std=[1, 1, 1],
        to_rgb=True,
        format_shape='NCTHW',
    ),
)
