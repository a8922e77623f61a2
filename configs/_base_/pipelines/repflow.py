# Representation flow (Section 4, Appendix A): 32 adjacent frames of 224 x 224, tested on 25 random
# crops.
_base_ = '../steps.py'
clip = dict(type='mmmotion.StackedSampleFrames', num_clips=1, clip_len=32, repeat_last=True)
crops = dict(type='mmmotion.RandomCrops', num_crops=25, crop_size=224)
train_pipeline = [
    _base_.open_video,
    clip,
    _base_.decode_video,
    _base_.short_side_256,
    _base_.random_crop_224,
    _base_.flip,
    *_base_.pack_clips,
]
test_pipeline = [
    _base_.open_video,
    dict(clip, test_mode=True),
    _base_.decode_video,
    _base_.short_side_256,
    crops,
    *_base_.pack_clips,
]
