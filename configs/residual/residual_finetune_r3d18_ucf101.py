_base_ = [
    '../_base_/models/residual_r3d18.py',
    '../_base_/datasets/ucf101_clips.py',
    '../_base_/schedules/residual_finetune.py',
    '../_base_/default_runtime.py',
]

# Public Kinetics weights, converted by tools/convert/resnet3d_pytorch.py, have strides and ReLU.
model = dict(
    backbone=dict(
        downsample='stride',
        act='relu',
        init_cfg=dict(
            type='Pretrained',
            checkpoint='checkpoints/resnet3d18_kinetics.pth',
            prefix='backbone.',  # the file holds a whole recogniser
        ),
    ),
    cls_head=dict(num_classes=101),
)
train_dataloader = dict(batch_size=32)
