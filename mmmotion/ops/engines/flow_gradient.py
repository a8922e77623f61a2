"""The gradient of the maps whose flow is found, by Sobel's kernels or by one's own.

Representation Flow for Action Recognition, equations 8 and 10.
"""

from torch import Tensor
from torch.nn import functional as F

from mmmotion.ops.gradients import spatial_gradients

__all__ = ['flow_gradient']


def flow_gradient(maps: Tensor, sobel: Tensor | None, mode: str) -> tuple[Tensor, Tensor]:
    """Return the gradient of maps (N, C, H, W) in x and y, by ``mode`` of the flow."""
    if mode == 'paper':
        return _correlate(F.pad(maps, (1, 1, 1, 1)) if sobel is not None else maps, sobel)
    x, y = _correlate(F.pad(maps, (1, 1, 1, 1), mode='replicate'), sobel)
    if sobel is None:
        x, y = x[..., 1:-1, 1:-1], y[..., 1:-1, 1:-1]
    return x / 8, y / 8


def _correlate(maps: Tensor, sobel: Tensor | None) -> tuple[Tensor, Tensor]:
    """Return gradients of the maps' size, by Sobel, or of their inside, by kernels of one's own."""
    if sobel is None:
        x, y = spatial_gradients(maps, kernel='sobel')
        return x, y
    slopes = F.conv2d(maps.flatten(0, 1).unsqueeze(1), sobel.to(maps.dtype).unsqueeze(1))
    x, y = slopes.view(*maps.shape[:2], *slopes.shape[1:]).unbind(2)
    return x, y
