_base_ = [
    '../_base_/models/tsn_r18.py',
    '../_base_/datasets/off_ucf101.py',
    '../_base_/schedules/off_tsn.py',
    '../_base_/default_runtime.py',
]

model = dict(
    backbone=dict(depth=50, pretrained='torchvision://resnet50', norm_eval=False),
    cls_head=dict(num_classes=101, in_channels=2048, dropout_ratio=0.8, init_std=0.001),
)
