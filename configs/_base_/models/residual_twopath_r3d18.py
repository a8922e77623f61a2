# Two-path (Residual Frames, Section 3.2): motion on 16 residual frames of 112 x 112 and appearance
# on the first frame at 224 x 224, of one clip; their probabilities are averaged.
_base_ = './residual_r3d18.py'
model = dict(
    _delete_=True,
    type='mmmotion.BranchRecognizer',
    branches=dict(
        motion=dict(
            type='Recognizer3D',
            backbone=dict(
                type='mmmotion.MotionBackbone',
                motion=dict(type='mmmotion.ResidualFrames'),
                clip_len=17,
                backbone=_base_.model.backbone,
            ),
            cls_head=_base_.model.cls_head,
            sees=dict(type='mmmotion.ShrinkFrames', factor=2),
        ),
        appearance=dict(
            type='Recognizer2D',
            backbone=dict(
                type='ResNet', depth=50, pretrained='torchvision://resnet50', norm_eval=False
            ),
            cls_head=dict(
                type='TSNHead', num_classes=400, in_channels=2048, dropout_ratio=0, init_std=0.01
            ),
            sees=dict(type='mmmotion.PickFrame', index=0),
        ),
    ),
    average_clips='prob',
    data_preprocessor=dict(
        type='ActionDataPreprocessor',
        mean=[123.675, 116.28, 103.53],
        std=[58.395, 57.12, 57.375],
        format_shape='NCTHW',
    ),
)
