# HMDB51 for OFF of flow, from files.
_base_ = ['../pipelines/off_flow.py', '../loaders.py', '../lists/hmdb51.py']
train_dataloader = dict(
    batch_size=32, dataset=dict(_base_.hmdb51_flow_train, pipeline=_base_.train_pipeline)
)
val_dataloader = dict(
    batch_size=4, dataset=dict(_base_.hmdb51_flow_val, pipeline=_base_.test_pipeline)
)
test_dataloader = val_dataloader
val_evaluator = _base_.mean_class_first
test_evaluator = val_evaluator
