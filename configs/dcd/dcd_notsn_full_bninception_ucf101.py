# Without TSN (Table 5): one snippet of 8 frames from anywhere in the video.
_base_ = './dcd_full_bninception_ucf101.py'

train_pipeline = [
    _base_.open_video,
    dict(_base_.snippets, num_clips=1),
    _base_.decode_video,
    _base_.short_side_256,
    *_base_.multi_scale_crop_224,
    _base_.flip,
    *_base_.pack_clips,
]
train_dataloader = dict(dataset=dict(pipeline=train_pipeline))
