"""Data sets and transforms."""

from .frame_check import check_frames
from .motion_shapes_dataset import MotionShapesDataset
from .rawframe_dataset import RobustRawframeDataset
from .transforms import (
    ComputeFlow,
    ConstantIntervalSampleFrames,
    FlipFlow,
    RandomCrops,
    ResidualFrames,
    StackedSampleFrames,
)
from .video_check import VideoError, check_video
from .video_dataset import RobustVideoDataset

__all__ = [
    'ComputeFlow',
    'ConstantIntervalSampleFrames',
    'FlipFlow',
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
