# UCF101 for two paths: 17 adjacent frames of 340 x 256 cropped to 224 x 224.
_base_ = ['../steps.py', '../loaders.py', '../lists/ucf101.py']
clip = dict(type='mmmotion.StackedSampleFrames', num_clips=1, clip_len=17, repeat_last=True)
train_pipeline = [
    _base_.open_video,
    clip,
    _base_.decode_video,
    _base_.size_340x256,
    _base_.random_crop_224,
    _base_.flip,
    *_base_.pack_clips,
]
test_pipeline = [
    _base_.open_video,
    dict(clip, num_clips=10, test_mode=True),
    _base_.decode_video,
    _base_.size_340x256,
    _base_.center_crop_224,
    *_base_.pack_clips,
]
train_dataloader = dict(dataset=dict(_base_.ucf101_train, pipeline=train_pipeline))
val_dataloader = dict(dataset=dict(_base_.ucf101_val, pipeline=test_pipeline))
test_dataloader = val_dataloader
