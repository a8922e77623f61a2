# The final 2D model (Section 4, Table 9): ResNet-50, 20 iterations.
_base_ = './repflow_r34.py'
plugin = _base_.model.backbone.plugins[0]
plugin.module.flow.num_iters = 20
model = dict(
    backbone=dict(backbone=dict(depth=50), plugins=[plugin]),
    cls_head=dict(in_channels=2048),
)
