_base_ = [
    '../_base_/models/off_diff_bninception.py',
    '../_base_/datasets/off_hmdb51_stacks.py',
    '../_base_/schedules/off_stage2_hmdb51.py',
    '../_base_/default_runtime.py',
]

model = dict(
    checkpoint='work_dirs/off_tsn_diff_bninception_hmdb51/epoch_180.pth',
    cls_head=dict(num_classes=51),
)
optim_wrapper = dict(optimizer=dict(lr=0.05))
