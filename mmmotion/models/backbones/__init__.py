"""Backbones with motion in front of them."""

from .motion_backbone import MotionBackbone

__all__ = ['MotionBackbone']
