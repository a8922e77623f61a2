_base_ = [
    '../_base_/models/dcd_full_r18.py',
    '../_base_/datasets/motion_shapes_pairs.py',
    '../_base_/schedules/motion_shapes.py',
    '../_base_/default_runtime.py',
]

branch = dict(cls_head=dict(num_classes=8))
model = dict(branches=dict(static=branch, motion=branch, change=branch))
val_evaluator = dict(type='mmmotion.BranchAccMetric')
test_evaluator = val_evaluator
# As in the paper the static branch and the stem learn a fifth as fast; there are three losses, so
# gradients are three times as large before they are clipped.
slowly = dict(lr_mult=0.2)
optim_wrapper = dict(
    paramwise_cfg=dict(custom_keys={'branches.static.': slowly, 'stem.': slowly}),
    clip_grad=dict(max_norm=9),
)
param_scheduler = [dict(_base_.one_cycle, total_steps=40)]
train_cfg = dict(max_epochs=40, val_interval=40)
auto_scale_lr = dict(base_batch_size=60)
default_hooks = dict(checkpoint=dict(interval=10), logger=dict(interval=10))
