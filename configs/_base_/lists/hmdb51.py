# HMDB51, split 1 of 3, in videos and in flow. docs/data.md says how to take split 2 or 3.
hmdb51 = dict(
    type='mmmotion.RobustVideoDataset',
    data_prefix=dict(video='data/hmdb51/videos'),
    num_classes=51,
)
hmdb51_train = dict(hmdb51, ann_file='data/hmdb51/hmdb51_train_split_1_videos.txt')
hmdb51_val = dict(hmdb51, ann_file='data/hmdb51/hmdb51_val_split_1_videos.txt', test_mode=True)

# flow_x_00001.jpg, flow_y_00001.jpg, ... in one folder for each video, as MMAction2's tools/data
# makes them with TV-L1.
hmdb51_flow = dict(
    type='mmmotion.RobustRawframeDataset',
    data_prefix=dict(img='data/hmdb51/rawframes'),
    filename_tmpl='flow_{}_{:05}.jpg',
    modality='Flow',
    num_classes=51,
)
hmdb51_flow_train = dict(hmdb51_flow, ann_file='data/hmdb51/hmdb51_train_split_1_rawframes.txt')
hmdb51_flow_val = dict(
    hmdb51_flow, ann_file='data/hmdb51/hmdb51_val_split_1_rawframes.txt', test_mode=True
)
