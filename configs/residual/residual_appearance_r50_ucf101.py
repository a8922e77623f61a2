_base_ = [
    '../_base_/models/appearance_r50.py',
    '../_base_/datasets/ucf101_frame.py',
    '../_base_/schedules/residual_finetune.py',
    '../_base_/default_runtime.py',
]

model = dict(cls_head=dict(num_classes=101))
train_dataloader = dict(batch_size=32)
