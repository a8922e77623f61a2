# UCF101 for DCD, as differences of adjacent frames, the earlier one warped by TV-L1 (Table 4). The
# flow is computed on what the crops leave; flipped before, so that it needs no flip of its own.
_base_ = ['../steps.py', '../loaders.py', '../lists/ucf101.py']
snippets = dict(type='mmmotion.StackedSampleFrames', num_clips=3, clip_len=8, repeat_last=True)
difference = dict(type='mmmotion.FlowWarpedDifference', method='tvl1')
train_pipeline = [
    _base_.open_video,
    snippets,
    _base_.decode_video,
    _base_.short_side_256,
    *_base_.multi_scale_crop_224,
    _base_.flip,
    difference,
    *_base_.pack_clips,
]
test_pipeline = [
    _base_.open_video,
    dict(snippets, num_clips=10, test_mode=True),
    _base_.decode_video,
    _base_.short_side_256,
    _base_.center_crop_224,
    difference,
    *_base_.pack_clips,
]
train_dataloader = dict(dataset=dict(_base_.ucf101_train, pipeline=train_pipeline))
val_dataloader = dict(dataset=dict(_base_.ucf101_val, pipeline=test_pipeline))
test_dataloader = val_dataloader
