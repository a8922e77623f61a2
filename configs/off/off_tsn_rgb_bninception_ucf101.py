_base_ = [
    '../_base_/models/off_tsn_bninception.py',
    '../_base_/datasets/off_ucf101.py',
    '../_base_/schedules/off_tsn.py',
    '../_base_/default_runtime.py',
]

model = dict(cls_head=dict(num_classes=101))
