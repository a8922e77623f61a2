# MotionShapes: 4 stacks of 4 adjacent frames. No flip: it would swap the labels.
_base_ = '../steps.py'
stacks = dict(type='mmmotion.StackedSampleFrames', num_clips=4, clip_len=4)
train_pipeline = [_base_.open_video, stacks, _base_.decode_video, *_base_.pack_clips]
test_pipeline = [
    _base_.open_video,
    dict(stacks, test_mode=True),
    _base_.decode_video,
    *_base_.fit_44,
    *_base_.pack_clips,
]
