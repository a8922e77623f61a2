"""Data sets and transforms."""

from .frame_check import check_frames
from .motion_shapes_dataset import MotionShapesDataset
from .rawframe_dataset import RobustRawframeDataset
from .transforms import (
    ComputeFlow,
    ConstantIntervalSample,
    FlipFlow,
    RandomCrops,
    ResidualFrames,
    SampleFrameStacks,
)
from .video_check import VideoError, check_video
from .video_dataset import RobustVideoDataset

__all__ = [
    'ComputeFlow',
    'ConstantIntervalSample',
    'FlipFlow',
    'MotionShapesDataset',
    'RandomCrops',
    'ResidualFrames',
    'RobustRawframeDataset',
    'RobustVideoDataset',
    'SampleFrameStacks',
    'VideoError',
    'check_frames',
    'check_video',
]
