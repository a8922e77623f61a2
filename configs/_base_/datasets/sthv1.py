# Something-Something V1: as V2, from frames in folders; no flip, since labels say left and right.
_base_ = ['../pipelines/stacks_from_images.py', '../loaders.py', '../lists/sthv1.py']
train_dataloader = dict(dataset=dict(_base_.sthv1_train, pipeline=_base_.train_pipeline))
val_dataloader = dict(dataset=dict(_base_.sthv1_val, pipeline=_base_.test_pipeline))
test_dataloader = val_dataloader
