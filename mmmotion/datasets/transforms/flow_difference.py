"""Changes between adjacent frames that optical flow does not explain (DCD, Table 4)."""

import cv2
import numpy as np

from mmmotion.datasets.media import flow_between, flow_factory
from mmmotion.datasets.transforms.pairs import AdjacentPairs
from mmmotion.registry import TRANSFORMS

__all__ = ['FlowWarpedDifference']


@TRANSFORMS.register_module()
class FlowWarpedDifference(AdjacentPairs):
    """Replace m adjacent frames by the m - 1 differences from each, warped by flow, to the next.

    Required keys: ``imgs``, the RGB frames (H, W, 3), uint8, clip after clip; ``clip_len``, m.
    Modified keys: ``imgs``, the differences, (H, W, 3), int16, -255..255; ``clip_len``, m - 1.

    Args:
        method: ``'tvl1'``, the paper's, which needs opencv-contrib-python, or ``'dis'``.

    Raises:
        ImportError: this OpenCV does not know the method.
        ValueError: there is no such method.

    Convention:
        Later minus earlier. As in :func:`mmmotion.ops.warp`, the flow is read where things arrive,
        and what comes from outside the frame is 0.
    """

    def __init__(self, method: str = 'tvl1') -> None:
        flow_factory(method)  # raises now, not in a worker of the loader, if it is missing
        self.method = method

    def __repr__(self) -> str:
        return f'{type(self).__name__}(method={self.method!r})'

    def _pair(self, earlier: np.ndarray, later: np.ndarray) -> np.ndarray:
        flow = flow_between(earlier, later, self.method)
        height, width = flow.shape[:2]
        y, x = np.mgrid[:height, :width].astype(np.float32)
        from_x = x - flow[..., 0]
        from_y = y - flow[..., 1]
        warped = cv2.remap(earlier, from_x, from_y, cv2.INTER_LINEAR)
        return later.astype(np.int16) - warped
