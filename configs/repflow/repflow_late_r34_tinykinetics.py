# Late fusion (Table 4): a network of RGB beside one with the layer, probabilities averaged.
_base_ = './repflow_flow_r34_tinykinetics.py'

flow = dict(_base_.model)
preprocessor = flow.pop('data_preprocessor')
rgb = dict(flow, backbone=dict(flow['backbone'], plugins=[]))
model = dict(
    _delete_=True,
    type='mmmotion.BranchRecognizer',
    branches=dict(flow=flow, rgb=rgb),
    average_clips='prob',
    data_preprocessor=preprocessor,
)
val_evaluator = dict(type='mmmotion.BranchAccMetric')
test_evaluator = val_evaluator
