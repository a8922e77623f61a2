"""OpenCV's optical flow, by name."""

from functools import cache
from itertools import pairwise
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from mmmotion.checks import check_choice

__all__ = ['FLOW_METHODS', 'compute_flow', 'flow_between', 'flow_factory', 'has_tvl1']

FLOW_METHODS = ('dis', 'farneback', 'tvl1')


def has_tvl1() -> bool:
    """Return whether this OpenCV knows TV-L1."""
    return hasattr(getattr(cv2, 'optflow', None), 'DualTVL1OpticalFlow_create')


def flow_factory(method: str) -> Any:
    """Return a function without arguments that makes an estimator.

    Args:
        method: ``'dis'`` of medium quality, ``'farneback'``, or ``'tvl1'``, which needs
            opencv-contrib-python.

    Returns:
        A factory, since an estimator cannot be sent to another process. What it makes has
        ``calc(earlier, later, None)`` of grey uint8 frames (H, W), which gives x and y in pixels,
        (H, W, 2), float32.

    Raises:
        ImportError: this OpenCV does not know the method.
        ValueError: there is no such method.
    """
    check_choice('method', method, FLOW_METHODS)
    if method == 'dis':
        return lambda: cv2.DISOpticalFlow_create(cv2.DISOPTICAL_FLOW_PRESET_MEDIUM)
    if method == 'farneback':
        return cv2.FarnebackOpticalFlow_create
    if not has_tvl1():
        raise ImportError(
            "method: expected an OpenCV with 'tvl1', that is opencv-contrib-python, "
            f'got {cv2.__version__} without it'
        )
    return cv2.optflow.DualTVL1OpticalFlow_create


def flow_between(
    earlier: NDArray[np.uint8], later: NDArray[np.uint8], method: str = 'dis'
) -> NDArray[np.float32]:
    """Compute the flow from a frame to a later one.

    Args:
        earlier: (H, W, 3) RGB.
        later: (H, W, 3) RGB.
        method: as in :func:`flow_factory`.

    Returns:
        (H, W, 2), x and y, in pixels.

    Raises:
        ImportError, ValueError: as :func:`flow_factory`.
    """
    earlier_grey = cv2.cvtColor(earlier, cv2.COLOR_RGB2GRAY)
    later_grey = cv2.cvtColor(later, cv2.COLOR_RGB2GRAY)
    return _estimator(method).calc(earlier_grey, later_grey, None)


def compute_flow(frames: NDArray[np.uint8], method: str = 'dis') -> NDArray[np.float32]:
    """Compute the flow from each frame to the next.

    Args:
        frames: (T, H, W, 3) RGB.
        method: as in :func:`flow_factory`.

    Returns:
        (T - 1, 2, H, W), x and y, in pixels.

    Raises:
        ImportError, ValueError: as :func:`flow_factory`.
    """
    flows = []
    for earlier, later in pairwise(frames):
        flows.append(flow_between(earlier, later, method))
    return np.stack(flows).transpose(0, 3, 1, 2)  # from (T - 1, H, W, 2)


@cache
def _estimator(method: str) -> Any:
    """Return the estimator of this process: it cannot be sent to a worker of a loader."""
    return flow_factory(method)()
