# The OFF sub-network beside a ResNet-50: one map a level.
_base_ = './off_bninception.py'
model = dict(
    backbone=dict(_delete_=True, type='ResNet', depth=50, norm_eval=False),
    features=['layer2', 'layer3', 'layer4'],
    data_preprocessor=dict(
        mean=[123.675, 116.28, 103.53], std=[58.395, 57.12, 57.375], to_rgb=False
    ),
)
