# Jester, in frames.
jester = dict(
    type='mmmotion.RobustRawframeDataset',
    data_prefix=dict(img='data/jester/rawframes'),
    filename_tmpl='{:05}.jpg',
    num_classes=27,
)
jester_train = dict(jester, ann_file='data/jester/jester_train_list_rawframes.txt')
jester_val = dict(jester, ann_file='data/jester/jester_val_list_rawframes.txt', test_mode=True)
