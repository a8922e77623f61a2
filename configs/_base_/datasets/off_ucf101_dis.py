# UCF101 for OFF of flow computed on the fly: 5 flows between 6 adjacent frames of a segment.
_base_ = './off_ucf101.py'
stacks = dict(_base_.frames, clip_len=6)
resize, *crops, _ = _base_.resize_and_crop  # the last one flips
decode_and_flow = [
    dict(type='DecordDecode'),
    resize,
    dict(type='mmmotion.ComputeFlow', method='dis'),
]
train_pipeline = [
    dict(type='DecordInit'),
    stacks,
    *decode_and_flow,
    *crops,
    dict(type='mmmotion.FlipFlow', flip_ratio=0.5),
    *_base_.pack,
]
test_pipeline = [
    dict(type='DecordInit'),
    dict(stacks, test_mode=True),
    *decode_and_flow,
    dict(type='CenterCrop', crop_size=224),
    *_base_.pack,
]
train_dataloader = dict(dataset=dict(pipeline=train_pipeline))
val_dataloader = dict(dataset=dict(pipeline=test_pipeline))
test_dataloader = val_dataloader
