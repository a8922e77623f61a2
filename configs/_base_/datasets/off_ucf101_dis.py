# UCF101 for OFF of flow computed on the fly: 5 flows between 6 adjacent frames of a segment.
_base_ = ['../steps.py', '../loaders.py', '../lists/ucf101.py']
stacks = dict(
    type='mmmotion.ConstantIntervalSampleFrames', num_clips=7, test_segments=25, clip_len=6
)
flow = dict(type='mmmotion.ComputeFlow', method='dis')
train_pipeline = [
    _base_.open_video,
    stacks,
    _base_.decode_video,
    _base_.short_side_256,
    flow,
    *_base_.multi_scale_crop_224,
    _base_.flip_flow,
    *_base_.pack_frames,
]
test_pipeline = [
    _base_.open_video,
    dict(stacks, test_mode=True),
    _base_.decode_video,
    _base_.short_side_256,
    flow,
    _base_.center_crop_224,
    *_base_.pack_frames,
]
train_dataloader = dict(batch_size=32, dataset=dict(_base_.ucf101_train, pipeline=train_pipeline))
val_dataloader = dict(batch_size=4, dataset=dict(_base_.ucf101_val, pipeline=test_pipeline))
test_dataloader = val_dataloader
val_evaluator = _base_.mean_class_first
test_evaluator = val_evaluator
