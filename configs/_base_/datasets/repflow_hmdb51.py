# HMDB51 for representation flow.
_base_ = ['../pipelines/repflow.py', '../loaders.py', '../lists/hmdb51.py']
train_dataloader = dict(dataset=dict(_base_.hmdb51_train, pipeline=_base_.train_pipeline))
val_dataloader = dict(batch_size=1, dataset=dict(_base_.hmdb51_val, pipeline=_base_.test_pipeline))
test_dataloader = val_dataloader
val_evaluator = _base_.mean_class_first
test_evaluator = val_evaluator
