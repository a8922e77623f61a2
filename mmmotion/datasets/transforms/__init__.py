"""Transforms of mmmotion's pipelines."""

from .constant_interval import ConstantIntervalSampleFrames
from .flow import ComputeFlow, FlipFlow
from .flow_difference import FlowWarpedDifference
from .random_crops import RandomCrops
from .residual import ResidualFrames
from .sampling import StackedSampleFrames

__all__ = [
    'ComputeFlow',
    'ConstantIntervalSampleFrames',
    'FlipFlow',
    'FlowWarpedDifference',
    'RandomCrops',
    'ResidualFrames',
    'StackedSampleFrames',
]
