# Clips for 3D networks (Residual Frames, Section 4.3): 17 adjacent frames, for 16 residual ones, of
# 170 x 128 cropped to 112 x 112; tested on 10 clips, uniformly sampled.
_base_ = '../steps.py'
clip = dict(type='mmmotion.StackedSampleFrames', num_clips=1, clip_len=17, repeat_last=True)
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
    dict(clip, num_clips=10, test_mode=True),
    _base_.decode_video,
    _base_.size_170x128,
    _base_.center_crop_112,
    *_base_.pack_clips,
]
