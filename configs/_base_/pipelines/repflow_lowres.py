# Representation flow, the paper's ablations: 16 adjacent frames of 112 x 112, no crops in testing.
_base_ = '../steps.py'
clip = dict(type='mmmotion.StackedSampleFrames', num_clips=1, clip_len=16, repeat_last=True)
train_pipeline = [
    _base_.open_video,
    clip,
    _base_.decode_video,
    _base_.size_170x128,
    _base_.random_crop_112,
    _base_.flip,
    *_base_.pack_clips,
]
test_pipeline = [
    _base_.open_video,
    dict(clip, test_mode=True),
    _base_.decode_video,
    _base_.size_170x128,
    _base_.center_crop_112,
    *_base_.pack_clips,
]
