# DCD: 8 adjacent frames in each of TSN's 3 segments; tested on 10, uniformly sampled, at 224 x 224.
# How the paper samples is not in it.
_base_ = '../steps.py'
snippets = dict(type='mmmotion.StackedSampleFrames', num_clips=3, clip_len=8, repeat_last=True)
train_pipeline = [
    _base_.open_video,
    snippets,
    _base_.decode_video,
    _base_.short_side_256,
    *_base_.multi_scale_crop_224,
    _base_.flip,
    *_base_.pack_clips,
]
test_pipeline = [
    _base_.open_video,
    dict(snippets, num_clips=10, test_mode=True),
    _base_.decode_video,
    _base_.short_side_256,
    _base_.center_crop_224,
    *_base_.pack_clips,
]
