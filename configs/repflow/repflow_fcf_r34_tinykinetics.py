_base_ = './repflow_flow_r34_tinykinetics.py'

plugin = _base_.model.backbone.plugins[0]
plugin.module.num_flows = 2
model = dict(backbone=dict(plugins=[plugin]))
