_base_ = [
    '../_base_/models/off_r18.py',
    '../_base_/datasets/off_motion_shapes.py',
    '../_base_/schedules/motion_shapes.py',
    '../_base_/default_runtime.py',
]

# A single frame does not show its class here: what the feature network learns from it is noise,
# which slows the sub-network down.
model = dict(cls_head=dict(num_classes=8, loss_weights=[0.1, 1, 1, 1]))
