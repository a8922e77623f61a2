_base_ = [
    '../_base_/models/off_flow_bninception.py',
    '../_base_/datasets/off_ucf101_flow.py',
    '../_base_/schedules/off_stage2.py',
    '../_base_/default_runtime.py',
]

model = dict(
    checkpoint='work_dirs/off_tsn_flow_bninception_ucf101/epoch_340.pth',
    cls_head=dict(num_classes=101),
)
optim_wrapper = dict(optimizer=dict(lr=0.05))
