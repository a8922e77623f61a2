"""What a branch sees of the clips that come."""

from mmmotion.models.views.dynamics import (
    ApparentMotion,
    AppearanceChange,
    Dynamics,
    DynamicsStem,
    StaticAppearance,
)
from mmmotion.models.views.frames import PickFrame, ShrinkFrames, StrideFrames

__all__ = [
    'ApparentMotion',
    'AppearanceChange',
    'Dynamics',
    'DynamicsStem',
    'PickFrame',
    'ShrinkFrames',
    'StaticAppearance',
    'StrideFrames',
]
