"""Registered models: wiring of :mod:`mmmotion.ops`, no arithmetic of their own."""

from .backbones import BNInception, ECOLite, MotionBackbone
from .heads import VAPHead
from .motions import register_motions
from .recognizers import BranchRecognizer
from .views import PickFrame

__all__ = ['BNInception', 'BranchRecognizer', 'ECOLite', 'PickFrame', 'MotionBackbone', 'VAPHead']

register_motions()
