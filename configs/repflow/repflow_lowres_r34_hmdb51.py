_base_ = [
    '../_base_/models/repflow_r34.py',
    '../_base_/datasets/repflow_hmdb51_lowres.py',
    '../_base_/schedules/repflow_200e.py',
    '../_base_/repflow_runtime.py',
]

block = dict(_base_.block, flow=dict(_base_.block.flow, num_iters=100))
model = dict(
    backbone=dict(plugins=[dict(after='layer2', module=block)]),
    cls_head=dict(num_classes=51, dropout_ratio=0.8),
)
train_dataloader = dict(batch_size=32)
