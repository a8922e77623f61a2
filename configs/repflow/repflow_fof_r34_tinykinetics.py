_base_ = './repflow_flow_r34_tinykinetics.py'

plugin = _base_.model.backbone.plugins[0]
plugin.module.update(num_flows=2, conv_between=False)
model = dict(backbone=dict(plugins=[plugin]))
