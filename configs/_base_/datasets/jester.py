# Jester: sampled and cropped as Something-Something V1; no flip either, since a hand that swipes
# left would swipe right.
_base_ = ['../pipelines/stacks_from_images.py', '../loaders.py', '../lists/jester.py']
train_dataloader = dict(dataset=dict(_base_.jester_train, pipeline=_base_.train_pipeline))
val_dataloader = dict(dataset=dict(_base_.jester_val, pipeline=_base_.test_pipeline))
test_dataloader = val_dataloader
