# The final 2D model (Section 4, Table 9): ResNet-50, 20 iterations.
_base_ = './repflow_r34.py'
block = dict(_base_.block, flow=dict(_base_.block.flow, num_iters=20))
model = dict(
    backbone=dict(backbone=dict(depth=50), plugins=[dict(after='layer2', module=block)]),
    cls_head=dict(in_channels=2048),
)
