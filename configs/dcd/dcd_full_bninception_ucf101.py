_base_ = [
    '../_base_/models/dcd_full_bninception.py',
    '../_base_/datasets/dcd_ucf101.py',
    '../_base_/schedules/dcd_ucf101.py',
    '../_base_/default_runtime.py',
]

# Partial BN (Section 4.1): all statistics but the first are frozen.
partial_bn = dict(backbone=dict(partial_bn=True))
branch = dict(backbone=partial_bn, cls_head=dict(num_classes=101))
model = dict(stem=partial_bn, branches=dict(static=branch, motion=branch, change=branch))
train_dataloader = dict(batch_size=16)
val_evaluator = dict(type='mmmotion.BranchAccMetric')
test_evaluator = val_evaluator
