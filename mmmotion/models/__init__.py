"""Registered models: wiring of :mod:`mmmotion.ops`, no arithmetic of their own."""

from .backbones import BNInception, ECOLite, MotionBackbone
from .fast_inference import prepare_inference, use_channels_last
from .heads import VAPHead
from .motions import register_motions
from .recognizers import BranchRecognizer
from .views import PickFrame, StrideFrames

__all__ = [
    'BNInception',
    'BranchRecognizer',
    'ECOLite',
    'MotionBackbone',
    'PickFrame',
    'StrideFrames',
    'VAPHead',
    'prepare_inference',
    'use_channels_last',
]

register_motions()
