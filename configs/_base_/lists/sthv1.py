# Something-Something V1, in frames.
sthv1 = dict(
    type='mmmotion.RobustRawframeDataset',
    data_prefix=dict(img='data/sthv1/rawframes'),
    filename_tmpl='{:05}.jpg',
    num_classes=174,
)
sthv1_train = dict(sthv1, ann_file='data/sthv1/sthv1_train_list_rawframes.txt')
sthv1_val = dict(sthv1, ann_file='data/sthv1/sthv1_val_list_rawframes.txt', test_mode=True)
