# Maps of 224 x 224 (Table 3): the stem keeps the size of the frames, and the motion branch
# downsamples them. Twice the displacement reaches as far in the frame as before.
_base_ = './dcd_motion_bninception_ucf101.py'

model = dict(
    stem=dict(stride=1, max_displacement=8),
    branches=dict(motion=dict(backbone=dict(stride=2))),
)
