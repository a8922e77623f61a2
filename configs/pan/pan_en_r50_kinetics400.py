_base_ = [
    '../_base_/models/pan_en_r50.py',
    '../_base_/datasets/kinetics400.py',
    '../_base_/schedules/pan_en.py',
    '../_base_/default_runtime.py',
]

head = dict(cls_head=dict(num_classes=400))
model = dict(branches=dict(rgb=head, pa=head, lite=head))
val_evaluator = dict(type='mmmotion.BranchAccMetric')
test_evaluator = val_evaluator
