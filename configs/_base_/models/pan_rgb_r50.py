# The RGB branch of PAN_Full alone: TSM on the first frame of each stack, then VAP.
_base_ = './pan_lite_r50.py'
model = dict(
    backbone=dict(_delete_=True, **_base_.model.backbone.backbone),
    data_preprocessor=dict(format_shape='NCHW'),
)
