_base_ = [
    '../_base_/models/pan_full_r50.py',
    '../_base_/datasets/ucf101.py',
    '../_base_/schedules/pan_full_half.py',
    '../_base_/default_runtime.py',
]

head = dict(cls_head=dict(num_classes=101))
model = dict(branches=dict(rgb=head, pa=head))
val_evaluator = dict(type='mmmotion.BranchAccMetric')
test_evaluator = val_evaluator
load_from = 'work_dirs/pan_full_r50_kinetics400/epoch_80.pth'
