# Kinetics400 for representation flow.
_base_ = ['../pipelines/repflow.py', '../loaders.py', '../lists/kinetics400.py']
train_dataloader = dict(dataset=dict(_base_.kinetics400_train, pipeline=_base_.train_pipeline))
val_dataloader = dict(
    batch_size=1, dataset=dict(_base_.kinetics400_val, pipeline=_base_.test_pipeline)
)
test_dataloader = val_dataloader
