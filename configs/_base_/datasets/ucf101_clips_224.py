# UCF101, split 1, for two paths: 17 adjacent frames of 340 x 256 cropped to 224 x 224.
_base_ = './ucf101_clips.py'
resize = dict(type='Resize', scale=(340, 256), keep_ratio=False)
train_pipeline = [
    *_base_.train_pipeline[:3],
    resize,
    dict(type='RandomCrop', size=224),
    *_base_.train_pipeline[5:],
]
test_pipeline = [
    *_base_.test_pipeline[:3],
    resize,
    dict(type='CenterCrop', crop_size=224),
    *_base_.test_pipeline[5:],
]
train_dataloader = dict(dataset=dict(pipeline=train_pipeline))
val_dataloader = dict(dataset=dict(pipeline=test_pipeline))
test_dataloader = val_dataloader
