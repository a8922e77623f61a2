_base_ = [
    '../_base_/models/repflow_r18.py',
    '../_base_/datasets/motion_shapes_frames.py',
    '../_base_/schedules/motion_shapes.py',
    '../_base_/default_runtime.py',
]

model = dict(cls_head=dict(num_classes=8))
