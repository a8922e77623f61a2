"""Media, read and checked: video files, folders of frames, and optical flow between frames."""

from mmmotion.datasets.media.flow import (
    FLOW_METHODS,
    compute_flow,
    flow_between,
    flow_factory,
    has_tvl1,
)
from mmmotion.datasets.media.frames import check_frames
from mmmotion.datasets.media.video import (
    VideoError,
    check_video,
    open_video,
    read_frames,
    write_video,
)

__all__ = [
    'FLOW_METHODS',
    'VideoError',
    'check_frames',
    'check_video',
    'compute_flow',
    'flow_between',
    'flow_factory',
    'has_tvl1',
    'open_video',
    'read_frames',
    'write_video',
]
