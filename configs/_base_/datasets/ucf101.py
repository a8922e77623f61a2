# UCF101, split 1 of 3: sampled, flipped and tested as Kinetics400. Mean class accuracy comes first,
# so that it chooses the best checkpoint. docs/data.md says how to take split 2 or 3.
_base_ = './kinetics400.py'
data_root = data_root_val = 'data/ucf101/videos'
num_classes = 101
split = 1

dataset = dict(data_prefix=dict(video=data_root), num_classes=num_classes)
train_dataloader = dict(
    dataset=dict(dataset, ann_file=f'data/ucf101/ucf101_train_split_{split}_videos.txt')
)
val_dataloader = dict(
    dataset=dict(dataset, ann_file=f'data/ucf101/ucf101_val_split_{split}_videos.txt')
)
test_dataloader = val_dataloader
val_evaluator = dict(type='AccMetric', metric_list=('mean_class_accuracy', 'top_k_accuracy'))
test_evaluator = val_evaluator
