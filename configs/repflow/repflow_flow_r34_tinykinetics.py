_base_ = [
    '../_base_/models/repflow_r34.py',
    '../_base_/datasets/repflow_tinykinetics.py',
    '../_base_/schedules/repflow_200e.py',
    '../_base_/repflow_runtime.py',
]

model = dict(cls_head=dict(num_classes=150))
train_dataloader = dict(batch_size=32)
