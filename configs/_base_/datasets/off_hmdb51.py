# HMDB51 for OFF: as UCF101. Some of its videos have less than 25 frames, which then repeat.
_base_ = './off_ucf101.py'
data_root = data_root_val = 'data/hmdb51/videos'
num_classes = 51
split = 1
dataset = dict(data_prefix=dict(video=data_root), num_classes=num_classes)
train_dataloader = dict(
    dataset=dict(dataset, ann_file=f'data/hmdb51/hmdb51_train_split_{split}_videos.txt')
)
val_dataloader = dict(
    dataset=dict(dataset, ann_file=f'data/hmdb51/hmdb51_val_split_{split}_videos.txt')
)
test_dataloader = val_dataloader
