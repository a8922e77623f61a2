_base_ = [
    '../_base_/models/pan_rgb_r50.py',
    '../_base_/datasets/sthv2_rgb.py',
    '../_base_/schedules/pan_50e.py',
    '../_base_/default_runtime.py',
]

model = dict(cls_head=dict(num_classes=174))
