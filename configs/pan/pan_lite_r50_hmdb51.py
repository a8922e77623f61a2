_base_ = [
    '../_base_/models/pan_lite_r50.py',
    '../_base_/datasets/hmdb51.py',
    '../_base_/schedules/pan_40e.py',
    '../_base_/default_runtime.py',
]

model = dict(cls_head=dict(num_classes=51))
load_from = 'work_dirs/pan_lite_r50_kinetics400/epoch_80.pth'
