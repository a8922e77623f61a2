# UCF101 in stacks, for PAN.
_base_ = ['../pipelines/stacks_flipped.py', '../loaders.py', '../lists/ucf101.py']
train_dataloader = dict(dataset=dict(_base_.ucf101_train, pipeline=_base_.train_pipeline))
val_dataloader = dict(dataset=dict(_base_.ucf101_val, pipeline=_base_.test_pipeline))
test_dataloader = val_dataloader
val_evaluator = _base_.mean_class_first
test_evaluator = val_evaluator
