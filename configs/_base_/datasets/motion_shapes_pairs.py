# MotionShapes for models of one motion at a time: a pair of adjacent frames, a batch of 60. Of the
# training clips a quarter, seen four times as often: see configs/dcd/README.md.
_base_ = ['../steps.py', '../lists/motion_shapes.py']
pair = dict(type='mmmotion.StackedSampleFrames', num_clips=1, clip_len=2)
train_pipeline = [_base_.open_video, pair, _base_.decode_video, *_base_.pack_clips]
test_pipeline = [
    _base_.open_video,
    dict(pair, num_clips=10, test_mode=True),
    _base_.decode_video,
    *_base_.fit_44,
    *_base_.pack_clips,
]
train_dataloader = dict(batch_size=60, dataset=dict(indices=600, pipeline=train_pipeline))
val_dataloader = dict(dataset=dict(pipeline=test_pipeline))
test_dataloader = val_dataloader
