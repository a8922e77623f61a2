# MotionShapes for OFF: 5 adjacent frames in training, all 16 in testing. OFF is of a motion that is
# small compared with the receptive field of a feature, so frames are adjacent.
_base_ = ['../steps.py', '../lists/motion_shapes.py']
frames = dict(
    type='mmmotion.ConstantIntervalSampleFrames', num_clips=5, test_segments=16, clip_len=1
)
train_pipeline = [_base_.open_video, frames, _base_.decode_video, *_base_.pack_frames]
test_pipeline = [
    _base_.open_video,
    dict(frames, test_mode=True),
    _base_.decode_video,
    *_base_.fit_44,
    *_base_.pack_frames,
]
train_dataloader = dict(dataset=dict(pipeline=train_pipeline))
val_dataloader = dict(dataset=dict(pipeline=test_pipeline))
test_dataloader = val_dataloader
