_base_ = [
    '../_base_/models/residual_kinetics_r3d18.py',
    '../_base_/datasets/hmdb51_clips.py',
    '../_base_/schedules/residual_finetune.py',
    '../_base_/default_runtime.py',
]

model = dict(cls_head=dict(num_classes=51))
train_dataloader = dict(batch_size=32)
