# Something-Something V2, in videos.
sthv2 = dict(
    type='mmmotion.RobustVideoDataset',
    data_prefix=dict(video='data/sthv2/videos'),
    num_classes=174,
)
sthv2_train = dict(sthv2, ann_file='data/sthv2/sthv2_train_list_videos.txt')
sthv2_val = dict(sthv2, ann_file='data/sthv2/sthv2_val_list_videos.txt', test_mode=True)
