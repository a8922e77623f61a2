# The PA branch of PAN_Full alone: PA in place of RGB, TSM, VAP.
_base_ = './pan_lite_r50.py'
model = dict(backbone=dict(with_rgb=False))
