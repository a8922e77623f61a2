# Stage 2 of OFF: the OFF sub-network beside a frozen BN-Inception, at the levels of the released
# definition: maps of 28, 14 and 7 pixels of 224 (section 4.1).
features = [
    *('inception_3a', 'inception_3b'),
    *('inception_3c', 'inception_4a', 'inception_4b', 'inception_4c', 'inception_4d'),
    *('inception_5a', 'inception_5b'),
]
model = dict(
    type='mmmotion.OFFRecognizer',
    backbone=dict(type='mmmotion.BNInception'),
    features=features,
    frozen=True,
    neck=dict(type='mmmotion.OFFSubnetwork'),
    cls_head=dict(
        type='mmmotion.OFFHead', num_classes=400, dropout_ratio=0.8, average_clips='score'
    ),
    data_preprocessor=dict(
        type='ActionDataPreprocessor',
        mean=[104, 117, 128],
        std=[1, 1, 1],
        to_rgb=True,  # swaps the channels: frames are decoded to RGB, so the network sees BGR
        format_shape='NCHW',
    ),
)
