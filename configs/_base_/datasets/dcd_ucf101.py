# UCF101, split 1 of 3, for DCD: sampled as of Kinetics400. docs/data.md says how to take another.
_base_ = './dcd_kinetics400.py'
data_root = data_root_val = 'data/ucf101/videos'
num_classes = 101

dataset = dict(data_prefix=dict(video=data_root), num_classes=num_classes)
train_dataloader = dict(
    dataset=dict(dataset, ann_file='data/ucf101/ucf101_train_split_1_videos.txt')
)
val_dataloader = dict(dataset=dict(dataset, ann_file='data/ucf101/ucf101_val_split_1_videos.txt'))
test_dataloader = val_dataloader
