# Stage 1 on RGB differences: 5 between 6 adjacent frames, 15 channels.
_base_ = './off_tsn_bninception.py'
model = dict(
    backbone=dict(
        _delete_=True,
        type='mmmotion.MotionBackbone',
        motion=dict(type='mmmotion.ResidualFrames', signed=True),
        clip_len=6,
        backbone=_base_.model.backbone,
    ),
    data_preprocessor=dict(format_shape='NCTHW'),
)
