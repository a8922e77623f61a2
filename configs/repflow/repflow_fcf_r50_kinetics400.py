_base_ = './repflow_flow_r50_kinetics400.py'

block = dict(_base_.block, num_flows=2)
model = dict(backbone=dict(plugins=[dict(after='layer2', module=block)]))
