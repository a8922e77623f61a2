# UCF101 for OFF of flow: segments of 5 flows, from files flow_x_00001.jpg, flow_y_00001.jpg, ...
# beside each other in a folder a video, as MMAction2's tools/data makes them with TV-L1.
_base_ = './off_ucf101.py'
data_root = data_root_val = 'data/ucf101/rawframes'
split = 1
flows = dict(_base_.frames, clip_len=5)
*crops, _ = _base_.resize_and_crop  # the last one flips
train_pipeline = [
    flows,
    dict(type='RawFrameDecode'),
    *crops,
    dict(type='mmmotion.FlipFlow', flip_ratio=0.5),
    *_base_.pack,
]
test_pipeline = [
    dict(flows, test_mode=True),
    dict(type='RawFrameDecode'),
    *_base_.test_pipeline[3:],
]
dataset = dict(
    _delete_=True,
    type='mmmotion.RobustRawframeDataset',
    data_prefix=dict(img=data_root),
    filename_tmpl='flow_{}_{:05}.jpg',
    modality='Flow',
    num_classes=_base_.num_classes,
)
train_dataloader = dict(
    dataset=dict(
        dataset,
        ann_file=f'data/ucf101/ucf101_train_split_{split}_rawframes.txt',
        pipeline=train_pipeline,
    )
)
val_dataloader = dict(
    dataset=dict(
        dataset,
        ann_file=f'data/ucf101/ucf101_val_split_{split}_rawframes.txt',
        pipeline=test_pipeline,
        test_mode=True,
    )
)
test_dataloader = val_dataloader
