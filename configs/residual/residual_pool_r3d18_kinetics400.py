_base_ = [
    '../_base_/models/residual_r3d18.py',
    '../_base_/datasets/kinetics400_clips.py',
    '../_base_/schedules/residual_100e.py',
    '../_base_/default_runtime.py',
]

model = dict(cls_head=dict(num_classes=400))
train_dataloader = dict(batch_size=32)
