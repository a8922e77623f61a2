"""Frames of a video file as an array."""

from __future__ import annotations

import os

import numpy as np
from numpy.typing import NDArray

from .video_check import check_video, open_video

__all__ = ['read_frames']


def read_frames(video: str | os.PathLike, first: int, count: int) -> NDArray[np.uint8]:
    """Read adjacent frames of a video.

    Args:
        video: a local file.
        first: index of the first of them, at least 0.
        count: how many, at least 1.

    Returns:
        (count, H, W, 3), RGB.

    Raises:
        FileNotFoundError, ValueError: there is no such video, or it has no such frames.
    """
    length = check_video(video)
    if first < 0 or count < 1 or first + count > length:
        raise ValueError(
            f'{video}: expected frames within 0 to {length - 1}, got {first} to {first + count - 1}'
        )
    return open_video(video).get_batch(range(first, first + count)).asnumpy()
