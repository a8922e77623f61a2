_base_ = [
    '../_base_/models/repflow_r50.py',
    '../_base_/datasets/repflow_kinetics400.py',
    '../_base_/schedules/repflow_200e.py',
    '../_base_/repflow_runtime.py',
]

model = dict(cls_head=dict(num_classes=400))
train_dataloader = dict(batch_size=32)
