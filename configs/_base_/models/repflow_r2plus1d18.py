# Representation flow in a (2+1)D ResNet-18 (Section 4, Table 7).
_base_ = './repflow_r34.py'
model = dict(backbone=dict(backbone=dict(_delete_=True, type='mmmotion.R2Plus1d', depth=18)))
