# Something-Something V2 for models of single frames: one frame from each of 8 segments.
_base_ = ['../steps.py', '../loaders.py', '../lists/sthv2.py']
frames = dict(type='mmmotion.StackedSampleFrames', num_clips=8, clip_len=1)
train_pipeline = [
    _base_.open_video,
    frames,
    _base_.decode_video,
    _base_.short_side_256,
    *_base_.multi_scale_crop_224,
    *_base_.pack_frames,
]
test_pipeline = [
    _base_.open_video,
    dict(frames, test_mode=True),
    _base_.decode_video,
    _base_.short_side_256,
    _base_.center_crop_224,
    *_base_.pack_frames,
]
train_dataloader = dict(dataset=dict(_base_.sthv2_train, pipeline=train_pipeline))
val_dataloader = dict(dataset=dict(_base_.sthv2_val, pipeline=test_pipeline))
test_dataloader = val_dataloader
