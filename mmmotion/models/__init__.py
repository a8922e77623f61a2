"""Registered models: wiring of :mod:`mmmotion.ops`, no arithmetic of their own."""

from .backbones import (
    S3D,
    BNInception,
    ECOLite,
    InceptionI3d,
    MotionBackbone,
    R2Plus1d,
    ResNet3dPool,
)
from .data_preprocessors import ResidualDataPreprocessor
from .fast_inference import prepare_inference, use_channels_last
from .heads import VAPHead
from .motions import register_motions
from .recognizers import BranchRecognizer
from .views import PickFrame, ShrinkFrames, StrideFrames

__all__ = [
    'S3D',
    'BNInception',
    'BranchRecognizer',
    'ECOLite',
    'InceptionI3d',
    'MotionBackbone',
    'PickFrame',
    'R2Plus1d',
    'ResNet3dPool',
    'ResidualDataPreprocessor',
    'ShrinkFrames',
    'StrideFrames',
    'VAPHead',
    'prepare_inference',
    'use_channels_last',
]

register_motions()
