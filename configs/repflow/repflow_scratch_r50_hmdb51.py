_base_ = [
    '../_base_/models/repflow_r50.py',
    '../_base_/datasets/repflow_hmdb51.py',
    '../_base_/schedules/repflow_200e.py',
    '../_base_/repflow_runtime.py',
]

model = dict(cls_head=dict(num_classes=51, dropout_ratio=0.8))
train_dataloader = dict(batch_size=32)
