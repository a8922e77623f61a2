_base_ = [
    '../_base_/models/off_r18.py',
    '../_base_/datasets/off_motion_shapes_stacks.py',
    '../_base_/schedules/motion_shapes.py',
    '../_base_/default_runtime.py',
]

resnet18 = dict(_base_.model.backbone, pretrained=None)
model = dict(
    backbone=dict(
        _delete_=True,
        type='mmmotion.MotionBackbone',
        motion=dict(type='mmmotion.ResidualFrames', signed=True),
        clip_len=3,
        backbone=resnet18,
    ),
    features=['backbone.conv1', 'backbone.layer1', 'backbone.layer2'],
    cls_head=dict(num_classes=8),
    data_preprocessor=dict(format_shape='NCTHW'),
)
param_scheduler = [dict(_base_.one_cycle, total_steps=4)]
train_cfg = dict(max_epochs=4, val_interval=4)
