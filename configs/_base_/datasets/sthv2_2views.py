# Something-Something V2, tested as for PAN_En: two views in time at 256 x 256.
_base_ = ['../steps.py', '../loaders.py', '../lists/sthv2.py']
stacks = dict(type='mmmotion.StackedSampleFrames', num_clips=8, clip_len=4)
train_pipeline = [
    _base_.open_video,
    stacks,
    _base_.decode_video,
    _base_.short_side_256,
    *_base_.multi_scale_crop_224,
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
train_dataloader = dict(dataset=dict(_base_.sthv2_train, pipeline=train_pipeline))
val_dataloader = dict(dataset=dict(_base_.sthv2_val, pipeline=test_pipeline))
test_dataloader = val_dataloader
