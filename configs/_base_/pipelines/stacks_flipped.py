# 8 stacks of 4 adjacent frames; half the training clips are flipped. Tested as in PAN: two views in
# time, at the full resolution of the released code, a center crop of 256 x 256.
_base_ = '../steps.py'
stacks = dict(type='mmmotion.StackedSampleFrames', num_clips=8, clip_len=4)
train_pipeline = [
    _base_.open_video,
    stacks,
    _base_.decode_video,
    _base_.short_side_256,
    *_base_.multi_scale_crop_224,
    _base_.flip,
    *_base_.pack_clips,
]
test_pipeline = [
    _base_.open_video,
    dict(stacks, test_mode=True, twice_sample=True),
    _base_.decode_video,
    _base_.short_side_256,
    _base_.center_crop_256,
    *_base_.pack_clips,
]
