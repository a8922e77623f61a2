"""Backbones, and what puts motion in front of them."""

from .bn_inception import BNInception
from .eco_lite import ECOLite
from .motion_backbone import MotionBackbone

__all__ = ['BNInception', 'ECOLite', 'MotionBackbone']
