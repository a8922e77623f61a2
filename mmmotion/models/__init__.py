"""Registered models: wiring of :mod:`mmmotion.ops`, no arithmetic of their own."""

from .backbones import (
    S3D,
    BNInception,
    ConvStem,
    ECOLite,
    FrameBackbone,
    InceptionI3d,
    MapBackbone,
    MotionBackbone,
    PluggedBackbone,
    R2Plus1d,
    ResNet3dPool,
)
from .data_preprocessors import ResidualDataPreprocessor
from .dynamics_views import ApparentMotion, AppearanceChange, StaticAppearance
from .fast_inference import prepare_inference, use_channels_last
from .heads import OFFHead, VAPHead
from .motions import register_motions
from .necks import OFFSubnetwork
from .plugins import RepFlowBlock
from .recognizers import BranchRecognizer, OFFRecognizer
from .stems import DynamicsStem
from .views import PickFrame, ShrinkFrames, StrideFrames

__all__ = [
    'S3D',
    'ApparentMotion',
    'AppearanceChange',
    'BNInception',
    'BranchRecognizer',
    'ConvStem',
    'DynamicsStem',
    'ECOLite',
    'FrameBackbone',
    'InceptionI3d',
    'MapBackbone',
    'MotionBackbone',
    'OFFHead',
    'OFFRecognizer',
    'OFFSubnetwork',
    'PickFrame',
    'PluggedBackbone',
    'R2Plus1d',
    'RepFlowBlock',
    'ResNet3dPool',
    'ResidualDataPreprocessor',
    'ShrinkFrames',
    'StaticAppearance',
    'StrideFrames',
    'VAPHead',
    'prepare_inference',
    'use_channels_last',
]

register_motions()
