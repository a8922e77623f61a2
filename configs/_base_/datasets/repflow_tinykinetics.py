# Tiny-Kinetics, for representation flow: 150 classes of Kinetics400. docs/data.md says which, and
# how to take others.
_base_ = ['../pipelines/repflow_lowres.py', '../loaders.py', '../lists/kinetics400.py']
train_dataloader = dict(dataset=dict(_base_.tinykinetics_train, pipeline=_base_.train_pipeline))
val_dataloader = dict(dataset=dict(_base_.tinykinetics_val, pipeline=_base_.test_pipeline))
test_dataloader = val_dataloader
