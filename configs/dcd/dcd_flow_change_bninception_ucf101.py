# Differences of the frames, the earlier one warped by TV-L1 (Table 4).
_base_ = [
    '../_base_/models/dcd_full_bninception.py',
    '../_base_/datasets/dcd_ucf101_flow.py',
    '../_base_/schedules/dcd_ucf101.py',
    '../_base_/default_runtime.py',
]

frames = dict(
    type='mmmotion.MapBackbone',
    backbone=dict(_base_.bn_inception, partial_bn=True),
    in_channels=3 * 7,
)
head = dict(_base_.head, num_classes=101)
model = dict(
    _delete_=True,
    type='mmmotion.BranchRecognizer',
    branches=dict(change=dict(type='Recognizer2D', backbone=frames, cls_head=head)),
    average_clips='prob',
    data_preprocessor=dict(_base_.model.data_preprocessor, mean=[0, 0, 0]),
)
param_scheduler = [_base_.schedules['change']]
train_dataloader = dict(batch_size=16)
val_evaluator = dict(type='mmmotion.BranchAccMetric')
test_evaluator = val_evaluator
