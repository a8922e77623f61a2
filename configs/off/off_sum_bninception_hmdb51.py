_base_ = [
    '../_base_/models/off_sum_bninception.py',
    '../_base_/datasets/off_hmdb51_stacks.py',
    '../_base_/schedules/off_stage2_hmdb51.py',
    '../_base_/default_runtime.py',
]

head = dict(cls_head=dict(num_classes=51))
model = dict(
    branches=dict(
        rgb=dict(head, load_from='work_dirs/off_rgb_bninception_hmdb51/epoch_717.pth'),
        diff=dict(head, load_from='work_dirs/off_diff_bninception_hmdb51/epoch_717.pth'),
    )
)
val_evaluator = dict(type='mmmotion.BranchAccMetric')
test_evaluator = val_evaluator
