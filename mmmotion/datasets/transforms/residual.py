"""Residual frames in a pipeline, in bytes: section 3.1, equation 1.

Rethinking Motion Representation: Residual Frames with 3D ConvNets for Better Action Recognition.
"""

from __future__ import annotations

import cv2
import numpy as np
from mmcv.transforms import BaseTransform

from mmmotion.registry import TRANSFORMS

__all__ = ['ResidualFrames']


@TRANSFORMS.register_module()
class ResidualFrames(BaseTransform):
    """Replace the T + 1 frames of every clip by their T residual frames.

    Resize and crop before it, where frames are still frames: at 112x112 it takes less than 1 % of
    what decoding a camera's clip takes. Flip on either side.

    The values are those of :func:`mmmotion.ops.residual_frames`. Normalised by mean 0 and one std,
    they are also those of ``ResidualDataPreprocessor`` and of a ``MotionBackbone``.

    Required keys: ``imgs``, the uint8 frames (H, W, C), clip after clip and crop after crop;
    ``clip_len``, T + 1.
    Modified keys: ``imgs``, uint8 in 0..255, or int16 in -255..255 where signed; ``clip_len``, T.

    Args:
        signed: whether to keep the sign that the paper drops.

    Convention:
        Residual t compares the frames t and t + 1 of a clip; signed, it is later minus earlier.
    """

    def __init__(self, signed: bool = False) -> None:
        self.signed = signed

    def transform(self, results: dict) -> dict:
        """Subtract within every clip, never across two."""
        frames, length = results['imgs'], results['clip_len']
        _check(frames, length)
        subtract = _signed if self.signed else _absolute
        results['imgs'] = [
            subtract(frames[t], frames[t + 1]) for t in range(len(frames)) if (t + 1) % length
        ]
        results['clip_len'] = length - 1
        return results

    def __repr__(self) -> str:
        return f'{type(self).__name__}(signed={self.signed})'


def _absolute(earlier: np.ndarray, later: np.ndarray) -> np.ndarray:
    return cv2.absdiff(earlier, later).reshape(earlier.shape)  # which drops a single channel


def _signed(earlier: np.ndarray, later: np.ndarray) -> np.ndarray:
    return np.subtract(later, earlier, dtype=np.int16)


def _check(frames: list[np.ndarray], length: int) -> None:
    if length < 2:
        raise ValueError(f'clip_len: expected at least 2 frames to subtract, got {length}')
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
