# Mini-Kinetics-200: Kinetics400's videos, of the 200 classes in lists of one's own.
_base_ = './kinetics400_clips.py'
num_classes = 200

train_dataloader = dict(
    dataset=dict(num_classes=num_classes, ann_file='data/kinetics400/minikinetics_train_list.txt')
)
val_dataloader = dict(
    dataset=dict(num_classes=num_classes, ann_file='data/kinetics400/minikinetics_val_list.txt')
)
test_dataloader = val_dataloader
