"""Transforms of mmmotion's pipelines."""

from .constant_interval import ConstantIntervalSample
from .flow import ComputeFlow, FlipFlow
from .flow_difference import FlowWarpedDifference
from .random_crops import RandomCrops
from .residual import ResidualFrames
from .sampling import SampleFrameStacks

__all__ = [
    'ComputeFlow',
    'ConstantIntervalSample',
    'FlipFlow',
    'FlowWarpedDifference',
    'RandomCrops',
    'ResidualFrames',
    'SampleFrameStacks',
]
