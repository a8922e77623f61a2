# UCF101, split 1 of 3, in videos and in flow. docs/data.md says how to take split 2 or 3.
ucf101 = dict(
    type='mmmotion.RobustVideoDataset',
    data_prefix=dict(video='data/ucf101/videos'),
    num_classes=101,
)
ucf101_train = dict(ucf101, ann_file='data/ucf101/ucf101_train_split_1_videos.txt')
ucf101_val = dict(ucf101, ann_file='data/ucf101/ucf101_val_split_1_videos.txt', test_mode=True)

# flow_x_00001.jpg, flow_y_00001.jpg, ... in one folder for each video, as MMAction2's tools/data
# makes them with TV-L1.
ucf101_flow = dict(
    type='mmmotion.RobustRawframeDataset',
    data_prefix=dict(img='data/ucf101/rawframes'),
    filename_tmpl='flow_{}_{:05}.jpg',
    modality='Flow',
    num_classes=101,
)
ucf101_flow_train = dict(ucf101_flow, ann_file='data/ucf101/ucf101_train_split_1_rawframes.txt')
ucf101_flow_val = dict(
    ucf101_flow, ann_file='data/ucf101/ucf101_val_split_1_rawframes.txt', test_mode=True
)
