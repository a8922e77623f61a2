_base_ = [
    '../_base_/models/pan_lite_r50.py',
    '../_base_/datasets/jester.py',
    '../_base_/schedules/pan_80e.py',
    '../_base_/default_runtime.py',
]

model = dict(cls_head=dict(num_classes=27))
