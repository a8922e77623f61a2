"""Optical flow computed in the pipeline, in the form of files made beforehand (OFF, section 5.1).

Deviates: the paper's files are TV-L1's; DIS is some ten times faster and in every OpenCV.
"""

import numpy as np
from mmaction.datasets.transforms import Flip

from mmmotion.datasets.media import flow_between, flow_factory
from mmmotion.datasets.transforms.pairs import AdjacentPairs
from mmmotion.registry import TRANSFORMS

__all__ = ['ComputeFlow', 'FlipFlow']


@TRANSFORMS.register_module()
class ComputeFlow(AdjacentPairs):
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
        ValueError: there is no such method, or the bound is not more than 0.

    Convention:
        Flow t goes from the frame t to t + 1; x along columns, y along rows, in pixels.
    """

    def __init__(self, method: str = 'dis', bound: float = 20) -> None:
        if not bound > 0:
            raise ValueError(f'bound: expected more than 0 pixels, got {bound}')
        flow_factory(method)  # raises now, not in a worker of the loader, if it is missing
        self.method = method
        self.bound = bound

    def transform(self, results: dict) -> dict:
        """Compute the flow within every clip, never across two."""
        results = super().transform(results)
        results['modality'] = 'Flow'
        return results

    def __repr__(self) -> str:
        return f'{type(self).__name__}(method={self.method!r}, bound={self.bound})'

    def _pair(self, earlier: np.ndarray, later: np.ndarray) -> np.ndarray:
        flow = flow_between(earlier, later, self.method)
        scaled = (flow / self.bound + 1) * 127.5  # -bound..bound as 0..255
        scaled = np.rint(scaled).clip(0, 255)
        return scaled.astype(np.uint8)


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
