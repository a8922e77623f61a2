# The same, as differences of adjacent frames, the earlier one warped by TV-L1 (DCD, Table 4). The
# flow is computed on what the crops leave; flipped before, so that it needs no flip of its own.
_base_ = './dcd_ucf101.py'
difference = dict(type='mmmotion.FlowWarpedDifference', method='tvl1')
train_pipeline = [*_base_.train_pipeline[:-2], difference, *_base_.train_pipeline[-2:]]
test_pipeline = [*_base_.test_pipeline[:-2], difference, *_base_.test_pipeline[-2:]]
train_dataloader = dict(dataset=dict(pipeline=train_pipeline))
val_dataloader = dict(dataset=dict(pipeline=test_pipeline))
test_dataloader = val_dataloader
