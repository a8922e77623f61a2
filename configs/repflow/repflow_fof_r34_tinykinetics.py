_base_ = './repflow_flow_r34_tinykinetics.py'

block = dict(_base_.block, num_flows=2, conv_between=False)
model = dict(backbone=dict(plugins=[dict(after='layer2', module=block)]))
