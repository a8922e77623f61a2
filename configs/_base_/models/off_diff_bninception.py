# Stage 2 on RGB differences.
_base_ = './off_bninception.py'
model = dict(
    backbone=dict(
        _delete_=True,
        type='mmmotion.MotionBackbone',
        motion=dict(type='mmmotion.ResidualFrames', signed=True),
        clip_len=6,
        backbone=dict(type='mmmotion.BNInception'),
    ),
    features=[f'backbone.{name}' for name in _base_.features],
    data_preprocessor=dict(format_shape='NCTHW'),
)
