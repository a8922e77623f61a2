_base_ = [
    '../_base_/models/off_sum_bninception.py',
    '../_base_/datasets/off_ucf101_stacks.py',
    '../_base_/schedules/off_stage2.py',
    '../_base_/default_runtime.py',
]

head = dict(cls_head=dict(num_classes=101))
model = dict(
    branches=dict(
        rgb=dict(head, load_from='work_dirs/off_rgb_bninception_ucf101/epoch_268.pth'),
        diff=dict(head, load_from='work_dirs/off_diff_bninception_ucf101/epoch_268.pth'),
    )
)
val_evaluator = dict(type='mmmotion.BranchAccMetric')
test_evaluator = val_evaluator
