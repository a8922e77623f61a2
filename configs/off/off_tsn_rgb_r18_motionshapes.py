_base_ = [
    '../_base_/models/tsn_r18.py',
    '../_base_/datasets/off_motion_shapes.py',
    '../_base_/schedules/motion_shapes.py',
    '../_base_/default_runtime.py',
]

# The feature network alone, under the same schedule.
model = dict(cls_head=dict(num_classes=8))
