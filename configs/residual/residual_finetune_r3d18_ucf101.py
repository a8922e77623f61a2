_base_ = [
    '../_base_/models/residual_kinetics_r3d18.py',
    '../_base_/datasets/ucf101_clips.py',
    '../_base_/schedules/residual_finetune.py',
    '../_base_/default_runtime.py',
]

model = dict(cls_head=dict(num_classes=101))
train_dataloader = dict(batch_size=32)
