_base_ = [
    '../_base_/models/residual_r3d18.py',
    '../_base_/datasets/motion_shapes_clips.py',
    '../_base_/schedules/motion_shapes.py',
    '../_base_/default_runtime.py',
]

model = dict(cls_head=dict(num_classes=8))
