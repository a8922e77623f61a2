"""Transforms of mmmotion's pipelines."""

from .residual import ResidualFrames
from .sampling import SampleFrameStacks

__all__ = ['ResidualFrames', 'SampleFrameStacks']
