"""Residual frames in a pipeline, of uint8 frames: section 3.1, equation 1.

Rethinking Motion Representation: Residual Frames with 3D ConvNets for Better Action Recognition.
"""

import cv2
import numpy as np

from mmmotion.datasets.transforms.pairs import AdjacentPairs
from mmmotion.registry import TRANSFORMS

__all__ = ['ResidualFrames']


@TRANSFORMS.register_module()
class ResidualFrames(AdjacentPairs):
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

    def __repr__(self) -> str:
        return f'{type(self).__name__}(signed={self.signed})'

    def _pair(self, earlier: np.ndarray, later: np.ndarray) -> np.ndarray:
        if self.signed:
            return np.subtract(later, earlier, dtype=np.int16)
        change = cv2.absdiff(earlier, later)
        return change.reshape(earlier.shape)  # (H, W, 1), of which OpenCV returns (H, W)
