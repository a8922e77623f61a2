"""Optical flow computed in the pipeline, in the form of files made beforehand (OFF, section 5.1).

Deviates: the paper's files are TV-L1's; DIS is some ten times faster and in every OpenCV.
"""

from __future__ import annotations

from functools import cache
from typing import Any

import cv2
import numpy as np
from mmaction.datasets.transforms import Flip
from mmcv.transforms import BaseTransform

from mmmotion.datasets.media import flow_factory
from mmmotion.registry import TRANSFORMS

__all__ = ['ComputeFlow', 'FlipFlow']


@TRANSFORMS.register_module()
class ComputeFlow(BaseTransform):
    """Replace m + 1 adjacent frames by the m flows between them.

    What comes out is what MMAction2's ``RawFrameDecode`` reads from files of flow, so that all
    that follows is the same: crops, :class:`FlipFlow`, ``FormatShape('NCHW')``.

    Required keys: ``imgs``, the RGB frames (H, W, 3), uint8, clip after clip; ``clip_len``, m + 1.
    Modified keys: ``imgs``, the flows, x and y, (H, W, 2), uint8: -bound..bound pixels as 0..255,
    no motion as 128; ``clip_len``, m; ``modality``, ``Flow``.

    Args:
        method: ``'dis'``, ``'farneback'``, or ``'tvl1'``, which needs opencv-contrib-python.
        bound: the largest displacement in pixels that is told from a larger one.

    Raises:
        ImportError: this OpenCV does not know the method.

    Convention:
        Flow t goes from the frame t to t + 1; x along columns, y along rows, in pixels.
    """

    def __init__(self, method: str = 'dis', bound: float = 20) -> None:
        if not bound > 0:
            raise ValueError(f'bound must be more than 0 pixels, got {bound}')
        flow_factory(method)  # say at once that it is missing
        self.method = method
        self.bound = bound

    def transform(self, results: dict) -> dict:
        """Compute the flow within every clip, never across two."""
        frames, length = results['imgs'], results['clip_len']
        _check(frames, length)
        grey = [cv2.cvtColor(frame, cv2.COLOR_RGB2GRAY) for frame in frames]
        pairs = [(grey[t], grey[t + 1]) for t in range(len(grey)) if (t + 1) % length]
        results['imgs'] = [self._image(*pair) for pair in pairs]
        results.update(clip_len=length - 1, modality='Flow')
        return results

    def __repr__(self) -> str:
        return f'{type(self).__name__}(method={self.method!r}, bound={self.bound})'

    def _image(self, earlier: np.ndarray, later: np.ndarray) -> np.ndarray:
        flow = _estimator(self.method).calc(earlier, later, None)
        return np.rint((flow / self.bound + 1) * 127.5).clip(0, 255).astype(np.uint8)


@TRANSFORMS.register_module()
class FlipFlow(Flip):
    """MMAction2's ``Flip``, which of flow inverts x and leaves y.

    Its own takes x and y for images that alternate, as they once did, so that now it inverts both
    in every other image.
    """

    def _flip_imgs(self, imgs: list[np.ndarray], modality: str) -> list[np.ndarray]:
        flipped = [np.ascontiguousarray(img[:, ::-1]) for img in imgs]
        if modality == 'Flow':
            for img in flipped:
                img[..., 0] = 255 - img[..., 0]
        return flipped


@cache
def _estimator(method: str) -> Any:
    """Return the estimator of this process: it cannot be sent to a worker."""
    return flow_factory(method)()


def _check(frames: list[np.ndarray], length: int) -> None:
    if length < 2 or not frames or len(frames) % length:
        raise ValueError(
            'imgs: expected clips of clip_len >= 2 frames to compute the flow between, '
            f'got {len(frames)} frames with clip_len={length}'
        )
    if frames[0].dtype != np.uint8 or frames[0].ndim != 3:
        raise ValueError(
            f'imgs: expected uint8 frames (H, W, 3), got {frames[0].dtype} {frames[0].shape}'
        )
