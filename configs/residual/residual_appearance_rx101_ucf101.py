_base_ = './residual_appearance_r50_ucf101.py'

model = dict(
    backbone=dict(
        _delete_=True,
        type='mmpretrain.ResNeXt',
        depth=101,
        groups=32,
        width_per_group=8,
        init_cfg=dict(type='Pretrained', checkpoint='torchvision://resnext101_32x8d'),
    )
)
