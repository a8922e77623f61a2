# Named steps, of which all pipelines are made. A name stands for one step, or for a list of steps,
# which a pipeline unpacks with a star. How clips are sampled is written out in each pipeline, since
# that sets it apart. A config below a pipeline comes too late to change a step in it: write the
# whole pipeline there, of these names.
open_video = dict(type='DecordInit')
decode_video = dict(type='DecordDecode')
decode_images = dict(type='RawFrameDecode')

# The short side, with the aspect ratio kept; sizes of width x height, without.
short_side_256 = dict(type='Resize', scale=(-1, 256))
size_170x128 = dict(type='Resize', scale=(170, 128), keep_ratio=False)
size_256x256 = dict(type='Resize', scale=(256, 256), keep_ratio=False)
size_340x256 = dict(type='Resize', scale=(340, 256), keep_ratio=False)

center_crop_112 = dict(type='CenterCrop', crop_size=112)
center_crop_224 = dict(type='CenterCrop', crop_size=224)
center_crop_256 = dict(type='CenterCrop', crop_size=256)
random_crop_112 = dict(type='RandomCrop', size=112)
random_crop_224 = dict(type='RandomCrop', size=224)
multi_scale_crop_224 = [
    dict(
        type='MultiScaleCrop',
        input_size=224,
        scales=(1, 0.875, 0.75, 0.66),
        random_crop=False,
        max_wh_scale_gap=1,
    ),
    dict(type='Resize', scale=(224, 224), keep_ratio=False),
]
flip = dict(type='Flip', flip_ratio=0.5)
flip_flow = dict(type='mmmotion.FlipFlow', flip_ratio=0.5)  # which changes the sign of x, too

# In a test, any video is brought to the size that MotionShapes has.
fit_44 = [dict(type='Resize', scale=(-1, 44)), dict(type='CenterCrop', crop_size=44)]
fit_64 = [dict(type='Resize', scale=(-1, 64)), dict(type='CenterCrop', crop_size=64)]

# Clips are (N, C, T, H, W) for N clips; frames, or stacks of flow, are (N, C, H, W).
pack_clips = [dict(type='FormatShape', input_format='NCTHW'), dict(type='PackActionInputs')]
pack_frames = [dict(type='FormatShape', input_format='NCHW'), dict(type='PackActionInputs')]
