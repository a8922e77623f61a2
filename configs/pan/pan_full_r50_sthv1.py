_base_ = [
    '../_base_/models/pan_full_r50.py',
    '../_base_/datasets/sthv1.py',
    '../_base_/schedules/pan_full.py',
    '../_base_/default_runtime.py',
]

head = dict(cls_head=dict(num_classes=174))
model = dict(branches=dict(rgb=head, pa=head))
val_evaluator = dict(type='mmmotion.BranchAccMetric')
test_evaluator = val_evaluator
