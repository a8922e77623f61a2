"""A flow as colours: the direction is the hue, the length the saturation."""

import numpy as np
from matplotlib.colors import hsv_to_rgb
from numpy.typing import NDArray

__all__ = ['flow_to_rgb', 'flow_wheel', 'flows_to_rgb']

LONGEST = 99.5  # the percentile of the lengths that has full colour


def flow_to_rgb(flow: NDArray[np.floating], max_length: float | None = None) -> NDArray[np.uint8]:
    """Colour a flow: white where nothing moves, the purer the farther.

    Args:
        flow: (2, H, W), x and y, in pixels. What is not finite is black.
        max_length: the length that has full colour, more than 0; None takes the length that all
            but the fastest 0.5 % of the pixels stay below, 1e-6 at least.

    Returns:
        (H, W, 3) RGB.

    Convention:
        To the right is red, down is green-yellow, left is cyan, up is violet: the hue turns
        clockwise, as the angle does where y points down.

    Raises:
        ValueError: the shape or the length is another.
    """
    flow = np.asarray(flow, np.float64)
    if flow.ndim != 3 or flow.shape[0] != 2:
        raise ValueError(f'flow: expected (2, H, W), got {flow.shape}')
    if max_length is not None and not max_length > 0:
        raise ValueError(f'max_length: expected more than 0 pixels, got {max_length}')
    finite = np.isfinite(flow).all(axis=0)  # (H, W)
    flow = np.where(finite, flow, 0)
    x, y = flow
    length = np.hypot(x, y)
    if max_length is None:
        max_length = _full_length(length, least=1e-6)
    angle = np.arctan2(y, x)
    hsv = np.empty((*finite.shape, 3))
    hsv[..., 0] = angle / (2 * np.pi) % 1
    hsv[..., 1] = np.minimum(length / max_length, 1)
    hsv[..., 2] = finite  # black where it is not
    rgb = 255 * hsv_to_rgb(hsv)
    rgb = np.round(rgb)
    return rgb.astype(np.uint8)


def flows_to_rgb(flows: NDArray[np.floating], *, least: float = 1e-6) -> NDArray[np.uint8]:
    """Colour flows (n, 2, H, W) on one scale; return (n, H, W, 3) RGB.

    Args:
        flows: each as of :func:`flow_to_rgb`, in the same unit, finite.
        least: the shortest length that can have full colour, so that noise is not shown as motion.

    Raises:
        ValueError: they are of another shape.
    """
    x = flows[:, 0]
    y = flows[:, 1]
    lengths = np.hypot(x, y)
    max_length = _full_length(lengths, least=least)
    pictures = [flow_to_rgb(flow, max_length) for flow in flows]
    return np.stack(pictures)


def _full_length(lengths: NDArray[np.floating], *, least: float) -> float:
    length = np.percentile(lengths, LONGEST)
    return max(float(length), least)


def flow_wheel(size: int = 65) -> NDArray[np.uint8]:
    """Return the key to the colours: each pixel has that of the flow from the middle to it.

    Args:
        size: side of the square in pixels, odd.

    Returns:
        (size, size, 3) RGB, white outside of the circle.
    """
    side = np.linspace(-1, 1, size)
    x, y = np.meshgrid(side, side)
    flow = np.stack([x, y])  # (2, size, size)
    is_outside = np.hypot(x, y) > 1
    flow[:, is_outside] = 0
    return flow_to_rgb(flow, max_length=1)
