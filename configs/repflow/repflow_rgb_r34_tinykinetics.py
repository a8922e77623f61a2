# The same network, schedule and clips without the layer.
_base_ = './repflow_flow_r34_tinykinetics.py'

model = dict(backbone=dict(plugins=[]))
