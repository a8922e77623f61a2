"""Transforms of mmmotion's pipelines."""

from .constant_interval import ConstantIntervalSample
from .residual import ResidualFrames
from .sampling import SampleFrameStacks

__all__ = ['ConstantIntervalSample', 'ResidualFrames', 'SampleFrameStacks']
