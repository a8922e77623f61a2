"""Backbones, and what puts motion in front of them."""

from .bn_inception import BNInception
from .branch_networks import FrameBackbone, MapBackbone
from .conv_stem import ConvStem
from .eco_lite import ECOLite
from .inception_i3d import InceptionI3d
from .motion_backbone import MotionBackbone
from .plugged_backbone import PluggedBackbone
from .r2plus1d import R2Plus1d
from .resnet3d_pool import ResNet3dPool
from .s3d import S3D

__all__ = [
    'S3D',
    'BNInception',
    'ConvStem',
    'ECOLite',
    'FrameBackbone',
    'InceptionI3d',
    'MapBackbone',
    'MotionBackbone',
    'PluggedBackbone',
    'R2Plus1d',
    'ResNet3dPool',
]
