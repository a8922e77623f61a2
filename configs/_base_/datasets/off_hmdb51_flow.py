# HMDB51 for OFF of flow, from files: as UCF101.
_base_ = './off_ucf101_flow.py'
data_root = data_root_val = 'data/hmdb51/rawframes'
num_classes = 51
split = 1
dataset = dict(data_prefix=dict(img=data_root), num_classes=num_classes)
train_dataloader = dict(
    dataset=dict(dataset, ann_file=f'data/hmdb51/hmdb51_train_split_{split}_rawframes.txt')
)
val_dataloader = dict(
    dataset=dict(dataset, ann_file=f'data/hmdb51/hmdb51_val_split_{split}_rawframes.txt')
)
test_dataloader = val_dataloader
