# UCF101 for networks of one frame: a random one, cropped to 224 x 224 of 256 x 256; tested on 10.
_base_ = ['../steps.py', '../loaders.py', '../lists/ucf101.py']
frame = dict(type='mmmotion.StackedSampleFrames', num_clips=1, clip_len=1)
train_pipeline = [
    _base_.open_video,
    frame,
    _base_.decode_video,
    _base_.size_256x256,
    _base_.random_crop_224,
    _base_.flip,
    *_base_.pack_frames,
]
test_pipeline = [
    _base_.open_video,
    dict(frame, num_clips=10, test_mode=True),
    _base_.decode_video,
    _base_.size_256x256,
    _base_.center_crop_224,
    *_base_.pack_frames,
]
train_dataloader = dict(dataset=dict(_base_.ucf101_train, pipeline=train_pipeline))
val_dataloader = dict(dataset=dict(_base_.ucf101_val, pipeline=test_pipeline))
test_dataloader = val_dataloader
