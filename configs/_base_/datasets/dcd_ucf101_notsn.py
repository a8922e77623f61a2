# UCF101 for DCD without TSN: one snippet of 8 frames from anywhere in the video.
_base_ = ['../steps.py', '../loaders.py', '../lists/ucf101.py']
snippet = dict(type='mmmotion.StackedSampleFrames', num_clips=1, clip_len=8, repeat_last=True)
train_pipeline = [
    _base_.open_video,
    snippet,
    _base_.decode_video,
    _base_.short_side_256,
    *_base_.multi_scale_crop_224,
    _base_.flip,
    *_base_.pack_clips,
]
test_pipeline = [
    _base_.open_video,
    dict(snippet, num_clips=10, test_mode=True),
    _base_.decode_video,
    _base_.short_side_256,
    _base_.center_crop_224,
    *_base_.pack_clips,
]
train_dataloader = dict(dataset=dict(_base_.ucf101_train, pipeline=train_pipeline))
val_dataloader = dict(dataset=dict(_base_.ucf101_val, pipeline=test_pipeline))
test_dataloader = val_dataloader
