_base_ = [
    '../_base_/models/off_tsn_diff_bninception.py',
    '../_base_/datasets/off_hmdb51_stacks.py',
    '../_base_/schedules/off_tsn_diff.py',
    '../_base_/default_runtime.py',
]

model = dict(cls_head=dict(num_classes=51))
