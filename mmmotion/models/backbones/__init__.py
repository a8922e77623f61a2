"""Networks."""

from mmmotion.models.backbones.bn_inception import BNInception
from mmmotion.models.backbones.conv_stem import ConvStem
from mmmotion.models.backbones.eco_lite import ECOLite
from mmmotion.models.backbones.inception_i3d import InceptionI3d
from mmmotion.models.backbones.r2plus1d import R2Plus1d
from mmmotion.models.backbones.resnet3d_pool import ResNet3dPool
from mmmotion.models.backbones.s3d import S3D

__all__ = [
    'S3D',
    'BNInception',
    'ConvStem',
    'ECOLite',
    'InceptionI3d',
    'R2Plus1d',
    'ResNet3dPool',
]
