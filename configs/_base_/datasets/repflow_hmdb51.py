# HMDB51, split 1: clips and crops as of Kinetics400.
_base_ = './repflow_kinetics400.py'
data_root = data_root_val = 'data/hmdb51/videos'
num_classes = 51

dataset = dict(data_prefix=dict(video=data_root), num_classes=num_classes)
train_dataloader = dict(
    dataset=dict(dataset, ann_file='data/hmdb51/hmdb51_train_split_1_videos.txt')
)
val_dataloader = dict(dataset=dict(dataset, ann_file='data/hmdb51/hmdb51_val_split_1_videos.txt'))
test_dataloader = val_dataloader
val_evaluator = dict(type='AccMetric', metric_list=('mean_class_accuracy', 'top_k_accuracy'))
test_evaluator = val_evaluator
