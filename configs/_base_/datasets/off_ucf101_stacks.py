# UCF101 for OFF of RGB differences.
_base_ = ['../pipelines/off_stacks.py', '../loaders.py', '../lists/ucf101.py']
train_dataloader = dict(
    batch_size=32, dataset=dict(_base_.ucf101_train, pipeline=_base_.train_pipeline)
)
val_dataloader = dict(batch_size=4, dataset=dict(_base_.ucf101_val, pipeline=_base_.test_pipeline))
test_dataloader = val_dataloader
val_evaluator = _base_.mean_class_first
test_evaluator = val_evaluator
