_base_ = [
    '../_base_/models/repflow_r34.py',
    '../_base_/datasets/repflow_hmdb51_lowres.py',
    '../_base_/schedules/repflow_200e.py',
    '../_base_/repflow_runtime.py',
]

plugin = _base_.model.backbone.plugins[0]
plugin.module.flow.num_iters = 100
model = dict(backbone=dict(plugins=[plugin]), cls_head=dict(num_classes=51, dropout_ratio=0.8))
train_dataloader = dict(batch_size=32)
