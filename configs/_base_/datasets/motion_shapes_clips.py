# MotionShapes for 3D networks: the 17 frames of a clip, 64 x 64, for 16 residual ones.
_base_ = './motion_shapes.py'
large = dict(
    data_root='data/motion_shapes_64', spec=dict(image_size=64, num_frames=17, num_train=800)
)
clip = dict(type='mmmotion.StackedSampleFrames', num_clips=1, clip_len=17)
decode, pack = _base_.decode, _base_.pack
fit = [dict(type='Resize', scale=(-1, 64)), dict(type='CenterCrop', crop_size=64)]
train_pipeline = [dict(type='DecordInit'), clip, decode, *pack]
test_pipeline = [dict(type='DecordInit'), dict(clip, test_mode=True), decode, *fit, *pack]
train_dataloader = dict(dataset=dict(**large, pipeline=train_pipeline))
val_dataloader = dict(dataset=dict(**large, pipeline=test_pipeline))
test_dataloader = val_dataloader
