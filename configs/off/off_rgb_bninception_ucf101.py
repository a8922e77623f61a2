_base_ = [
    '../_base_/models/off_bninception.py',
    '../_base_/datasets/off_ucf101.py',
    '../_base_/schedules/off_stage2.py',
    '../_base_/default_runtime.py',
]

model = dict(
    checkpoint='work_dirs/off_tsn_rgb_bninception_ucf101/epoch_80.pth',
    cls_head=dict(num_classes=101),
)
