_base_ = [
    '../_base_/models/residual_twopath_r3d18.py',
    '../_base_/datasets/ucf101_clips_224.py',
    '../_base_/schedules/residual_twopath.py',
    '../_base_/default_runtime.py',
]

head = dict(cls_head=dict(num_classes=101))
model = dict(branches=dict(motion=head, appearance=head))
val_evaluator = dict(type='mmmotion.BranchAccMetric')
test_evaluator = val_evaluator
train_dataloader = dict(batch_size=32)
