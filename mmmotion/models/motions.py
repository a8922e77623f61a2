"""The representations of :mod:`mmmotion.ops` under their names in the registry.

The operators know nothing of MMEngine, so they are registered here rather than decorated there.
"""

from mmmotion.ops import (
    DisplacementMap,
    Off,
    PersistenceOfAppearance,
    RepresentationFlow,
    ResidualFrames,
)
from mmmotion.registry import MODELS

__all__ = ['register_motions']


def register_motions() -> None:
    """Make every representation buildable by name, as ``motion`` of a ``MotionBackbone``."""
    for motion in (
        DisplacementMap,
        Off,
        PersistenceOfAppearance,
        RepresentationFlow,
        ResidualFrames,
    ):
        MODELS.register_module(module=motion)
