# Kinetics400, in videos, and two parts of it: the same videos in lists of fewer classes.
training_videos = dict(
    type='mmmotion.RobustVideoDataset', data_prefix=dict(video='data/kinetics400/videos_train')
)
validation_videos = dict(
    type='mmmotion.RobustVideoDataset',
    data_prefix=dict(video='data/kinetics400/videos_val'),
    test_mode=True,
)

kinetics400_train = dict(
    training_videos, ann_file='data/kinetics400/kinetics400_train_list_videos.txt', num_classes=400
)
kinetics400_val = dict(
    validation_videos, ann_file='data/kinetics400/kinetics400_val_list_videos.txt', num_classes=400
)

minikinetics_train = dict(
    training_videos, ann_file='data/kinetics400/minikinetics_train_list.txt', num_classes=200
)
minikinetics_val = dict(
    validation_videos, ann_file='data/kinetics400/minikinetics_val_list.txt', num_classes=200
)

tinykinetics_train = dict(
    training_videos, ann_file='data/kinetics400/tinykinetics_train_list.txt', num_classes=150
)
tinykinetics_val = dict(
    validation_videos, ann_file='data/kinetics400/tinykinetics_val_list.txt', num_classes=150
)
