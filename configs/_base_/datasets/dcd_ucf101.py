# UCF101 for DCD.
_base_ = ['../pipelines/dcd.py', '../loaders.py', '../lists/ucf101.py']
train_dataloader = dict(dataset=dict(_base_.ucf101_train, pipeline=_base_.train_pipeline))
val_dataloader = dict(dataset=dict(_base_.ucf101_val, pipeline=_base_.test_pipeline))
test_dataloader = val_dataloader
