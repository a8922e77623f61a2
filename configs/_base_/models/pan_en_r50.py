# PAN_En: PAN_Lite beside both branches of PAN_Full; the released code adds their logits 1 : 1 : 1.
_base_ = './pan_full_r50.py'
model = dict(
    branches=dict(
        lite=dict(
            type='Recognizer2D',
            backbone=dict(_base_.model.branches.pa.backbone, with_rgb=True),
            cls_head=_base_.model.branches.pa.cls_head,
        )
    )
)
