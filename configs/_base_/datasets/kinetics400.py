# Kinetics400: 8 stacks of 4 adjacent frames; half the training clips are flipped. Tested as in PAN:
# two views in time, at the full resolution of the released code, a centre crop of 256 x 256.
_base_ = './sthv2_2views.py'
data_root = 'data/kinetics400/videos_train'
data_root_val = 'data/kinetics400/videos_val'
num_classes = 400

train_pipeline = [
    *_base_.train_pipeline[:-2],
    dict(type='Flip', flip_ratio=0.5),
    *_base_.train_pipeline[-2:],
]
dataset = dict(data_prefix=dict(video=data_root), num_classes=num_classes)
train_dataloader = dict(
    dataset=dict(
        **dataset,
        ann_file='data/kinetics400/kinetics400_train_list_videos.txt',
        pipeline=train_pipeline,
    ),
)
val_dataloader = dict(
    dataset=dict(
        data_prefix=dict(video=data_root_val),
        num_classes=num_classes,
        ann_file='data/kinetics400/kinetics400_val_list_videos.txt',
    ),
)
test_dataloader = val_dataloader
