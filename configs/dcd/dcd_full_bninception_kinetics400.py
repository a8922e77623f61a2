_base_ = [
    '../_base_/models/dcd_full_bninception.py',
    '../_base_/datasets/dcd_kinetics400.py',
    '../_base_/schedules/dcd_kinetics400.py',
    '../_base_/default_runtime.py',
]

train_dataloader = dict(batch_size=16)
val_evaluator = dict(type='mmmotion.BranchAccMetric')
test_evaluator = val_evaluator
