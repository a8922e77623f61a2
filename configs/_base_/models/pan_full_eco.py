# PA beside RGB on ECO-Lite (PAN, Table III): 16 segments of 2 frames, joined to one clip, so that
# it sees 16 frames, and 16 maps of PA, of the whole video. Weights as for BN-Inception.
_base_ = './pan_full_r3d18.py'
eco = dict(_delete_=True, type='mmmotion.ECOLite', pretrained='checkpoints/bn_inception.pth')
model = dict(
    branches=dict(
        rgb=dict(backbone=eco, sees=dict(type='mmmotion.StrideFrames', step=2)),
        pa=dict(backbone=dict(clip_len=2, backbone=eco)),
    ),
    # to_rgb swaps the channels: frames are decoded to RGB, so the network sees BGR.
    data_preprocessor=dict(mean=[104, 117, 128], std=[1, 1, 1], to_rgb=True),
)
