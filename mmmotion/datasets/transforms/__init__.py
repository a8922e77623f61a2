"""Transforms of mmmotion's pipelines."""

from mmmotion.datasets.transforms.constant_interval import ConstantIntervalSampleFrames
from mmmotion.datasets.transforms.flow import ComputeFlow, FlipFlow
from mmmotion.datasets.transforms.flow_difference import FlowWarpedDifference
from mmmotion.datasets.transforms.random_crops import RandomCrops
from mmmotion.datasets.transforms.residual import ResidualFrames
from mmmotion.datasets.transforms.sampling import StackedSampleFrames

__all__ = [
    'ComputeFlow',
    'ConstantIntervalSampleFrames',
    'FlipFlow',
    'FlowWarpedDifference',
    'RandomCrops',
    'ResidualFrames',
    'StackedSampleFrames',
]
