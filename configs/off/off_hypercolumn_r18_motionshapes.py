# The same network without the OFF operation.
_base_ = './off_rgb_r18_motionshapes.py'

model = dict(neck=dict(unit=dict(hypercolumn=True)))
