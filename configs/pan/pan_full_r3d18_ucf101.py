_base_ = [
    '../_base_/models/pan_full_r3d18.py',
    '../_base_/datasets/ucf101_clips.py',
    '../_base_/schedules/pan_ablation.py',
    '../_base_/default_runtime.py',
]

head = dict(cls_head=dict(num_classes=101))
model = dict(branches=dict(rgb=head, pa=head))
train_dataloader = dict(batch_size=16)
val_evaluator = dict(type='mmmotion.BranchAccMetric')
test_evaluator = val_evaluator
