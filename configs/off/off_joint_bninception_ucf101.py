# Both stages in one: the feature network trains, too (section 4.2).
_base_ = './off_rgb_bninception_ucf101.py'

model = dict(frozen=False)
