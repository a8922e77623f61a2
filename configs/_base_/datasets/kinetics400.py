# Kinetics400 in stacks, for PAN.
_base_ = ['../pipelines/stacks_flipped.py', '../loaders.py', '../lists/kinetics400.py']
train_dataloader = dict(dataset=dict(_base_.kinetics400_train, pipeline=_base_.train_pipeline))
val_dataloader = dict(dataset=dict(_base_.kinetics400_val, pipeline=_base_.test_pipeline))
test_dataloader = val_dataloader
