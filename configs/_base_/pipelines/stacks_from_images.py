# 8 stacks of 4 adjacent frames, from frames in folders; no flip.
_base_ = '../steps.py'
stacks = dict(type='mmmotion.StackedSampleFrames', num_clips=8, clip_len=4)
train_pipeline = [
    stacks,
    _base_.decode_images,
    _base_.short_side_256,
    *_base_.multi_scale_crop_224,
    *_base_.pack_clips,
]
test_pipeline = [
    dict(stacks, test_mode=True),
    _base_.decode_images,
    _base_.short_side_256,
    _base_.center_crop_224,
    *_base_.pack_clips,
]
