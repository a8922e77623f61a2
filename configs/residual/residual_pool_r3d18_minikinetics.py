_base_ = [
    '../_base_/models/residual_r3d18.py',
    '../_base_/datasets/minikinetics_clips.py',
    '../_base_/schedules/residual_200e.py',
    '../_base_/default_runtime.py',
]

model = dict(cls_head=dict(num_classes=200))
train_dataloader = dict(batch_size=32)
