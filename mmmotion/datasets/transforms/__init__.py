"""Transforms of mmmotion's pipelines."""

from .sampling import SampleFrameStacks

__all__ = ['SampleFrameStacks']
