"""Registered models: wiring of :mod:`mmmotion.ops`, no arithmetic of their own."""

from .backbones import MotionBackbone
from .heads import VAPHead
from .motions import register_motions

__all__ = ['MotionBackbone', 'VAPHead']

register_motions()
