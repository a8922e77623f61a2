_base_ = [
    '../_base_/models/pan_full_r18.py',
    '../_base_/datasets/motion_shapes.py',
    '../_base_/schedules/motion_shapes.py',
    '../_base_/default_runtime.py',
]

resnet = dict(num_segments=4)
head = dict(num_classes=8, num_segments=4)
model = dict(
    branches=dict(
        rgb=dict(backbone=resnet, cls_head=head),
        pa=dict(backbone=dict(backbone=resnet), cls_head=head),
    )
)
val_evaluator = dict(type='mmmotion.BranchAccMetric')
test_evaluator = val_evaluator
