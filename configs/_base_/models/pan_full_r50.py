# PAN_Full (PAN, Section IV-A1): an RGB branch, on the first frame of each stack, and a PA branch,
# each with the backbone and head of PAN_Lite.
_base_ = './pan_lite_r50.py'
model = dict(
    _delete_=True,
    type='mmmotion.BranchRecognizer',
    branches=dict(
        rgb=dict(
            type='Recognizer2D',
            backbone=_base_.model.backbone.backbone,
            cls_head=_base_.model.cls_head,
            sees=dict(type='mmmotion.PickFrame', index=0),
        ),
        pa=dict(
            type='Recognizer2D',
            backbone=dict(_base_.model.backbone, with_rgb=False),
            cls_head=_base_.model.cls_head,
        ),
    ),
    average_clips='score',
    data_preprocessor=_base_.model.data_preprocessor,
)
