"""Data sets and transforms."""

from .motion_shapes_dataset import MotionShapesDataset
from .transforms import SampleFrameStacks
from .video_check import VideoError, check_video
from .video_dataset import RobustVideoDataset

__all__ = [
    'MotionShapesDataset',
    'RobustVideoDataset',
    'SampleFrameStacks',
    'VideoError',
    'check_video',
]
