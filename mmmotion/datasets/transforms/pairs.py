"""Transforms that put something of each two adjacent frames in the place of the frames."""

import numpy as np
from mmcv.transforms import BaseTransform

__all__ = ['AdjacentPairs']


class AdjacentPairs(BaseTransform):
    """Base for a transform that replaces the T + 1 frames of every clip by T images.

    A subclass makes each image of two adjacent frames, in ``_pair``. No image is made of the last
    frame of a clip and the first frame of the next one.

    Required keys: ``imgs``, the uint8 frames (H, W, C), clip after clip and crop after crop;
    ``clip_len``, T + 1.
    Modified keys: ``imgs``, what ``_pair`` returns; ``clip_len``, T.
    """

    def transform(self, results: dict) -> dict:
        """Make the images of every clip.

        Raises:
            ValueError: the frames are no clips of ``clip_len`` uint8 images of one size.
        """
        frames = results['imgs']
        length = results['clip_len']
        _check_clips(frames, length)
        images = []
        for t in range(len(frames) - 1):
            is_last_of_clip = (t + 1) % length == 0
            if not is_last_of_clip:
                image = self._pair(frames[t], frames[t + 1])
                images.append(image)
        results['imgs'] = images
        results['clip_len'] = length - 1
        return results

    def _pair(self, earlier: np.ndarray, later: np.ndarray) -> np.ndarray:
        """Return the image of two frames (H, W, C)."""
        raise NotImplementedError


def _check_clips(frames: list[np.ndarray], length: int) -> None:
    if length < 2:
        raise ValueError(f'clip_len: expected at least 2 frames, got {length}')
    if not frames or len(frames) % length:
        raise ValueError(f'imgs: expected clips of clip_len={length} frames, got {len(frames)}')
    first = frames[0]
    for frame in frames:
        if frame.dtype != np.uint8 or frame.ndim != 3:
            raise ValueError(
                f'imgs: expected uint8 frames (H, W, C), got {frame.dtype} {frame.shape}'
            )
        if frame.shape != first.shape:
            raise ValueError(
                f'imgs: expected frames of one size, {first.shape}, got one of {frame.shape}'
            )
