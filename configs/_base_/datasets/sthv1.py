# Something-Something V1: as V2, from frames in folders; no flip, since labels say left and right.
_base_ = './sthv2.py'
dataset_type = 'mmmotion.RobustRawframeDataset'
data_root = 'data/sthv1/rawframes'
num_classes = 174

# In place of the first three steps, which open, sample and decode a video file.
decode = dict(type='RawFrameDecode')
train_pipeline = [_base_.stacks, decode, *_base_.train_pipeline[3:]]
test_pipeline = [dict(_base_.stacks, test_mode=True), decode, *_base_.test_pipeline[3:]]

# Every loader has a copy: _delete_, in place of V2's, goes once the config has obeyed it.
dataset = dict(
    _delete_=True,
    type=dataset_type,
    data_prefix=dict(img=data_root),
    filename_tmpl='{:05}.jpg',
    num_classes=num_classes,
)
train_dataloader = dict(
    dataset=dict(
        **dataset, ann_file='data/sthv1/sthv1_train_list_rawframes.txt', pipeline=train_pipeline
    ),
)
val_dataloader = dict(
    dataset=dict(
        **dataset,
        ann_file='data/sthv1/sthv1_val_list_rawframes.txt',
        pipeline=test_pipeline,
        test_mode=True,
    ),
)
test_dataloader = dict(dataset=dict(val_dataloader['dataset']))
