"""Data sets and transforms."""

from mmmotion.datasets.media import VideoError, check_frames, check_video
from mmmotion.datasets.motion_shapes_dataset import MotionShapesDataset
from mmmotion.datasets.rawframe_dataset import RobustRawframeDataset
from mmmotion.datasets.transforms import (
    ComputeFlow,
    ConstantIntervalSampleFrames,
    FlipFlow,
    FlowWarpedDifference,
    RandomCrops,
    ResidualFrames,
    StackedSampleFrames,
)
from mmmotion.datasets.video_dataset import RobustVideoDataset

__all__ = [
    'ComputeFlow',
    'ConstantIntervalSampleFrames',
    'FlipFlow',
    'FlowWarpedDifference',
    'MotionShapesDataset',
    'RandomCrops',
    'ResidualFrames',
    'RobustRawframeDataset',
    'RobustVideoDataset',
    'StackedSampleFrames',
    'VideoError',
    'check_frames',
    'check_video',
]
