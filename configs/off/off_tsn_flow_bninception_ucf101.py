_base_ = [
    '../_base_/models/off_tsn_flow_bninception.py',
    '../_base_/datasets/off_ucf101_flow.py',
    '../_base_/schedules/off_tsn_flow.py',
    '../_base_/default_runtime.py',
]

model = dict(cls_head=dict(num_classes=101))
