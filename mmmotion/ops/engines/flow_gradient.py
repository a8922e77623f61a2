"""The gradient of the maps whose flow is found, by Sobel's kernels or by one's own.

Representation Flow for Action Recognition, equations 8 and 10.
"""

import torch
from torch import Tensor
from torch.nn import functional as F

from mmmotion.ops.gradients import spatial_gradients

__all__ = ['flow_gradient']


def flow_gradient(maps: Tensor, kernels: Tensor | None, mode: str) -> Tensor:
    """Differentiate maps in x and y.

    Args:
        maps: (N, C, H, W).
        kernels: for x and for y, (2, 3, 3); None: Sobel's.
        mode: ``'paper'``: zeros are around the maps; ``'tvl1'``: their borders are repeated, and
            the gradients divided by 8, so that they are changes per pixel.

    Returns:
        The gradients in x and in y, (2, N, C, H, W).
    """
    if mode == 'paper':
        if kernels is None:
            return torch.stack(spatial_gradients(maps, kernel='sobel'))
        return _filter(F.pad(maps, (1, 1, 1, 1)), kernels)
    padded = F.pad(maps, (1, 1, 1, 1), mode='replicate')
    if kernels is None:
        gradients = torch.stack(spatial_gradients(padded, kernel='sobel'))
        return gradients[..., 1:-1, 1:-1] / 8
    return _filter(padded, kernels) / 8


def _filter(padded: Tensor, kernels: Tensor) -> Tensor:
    """Filter every map of (N, C, H + 2, W + 2) by both kernels, (2, N, C, H, W)."""
    n, c = padded.shape[:2]
    maps = padded.flatten(0, 1).unsqueeze(1)  # (N C, 1, H + 2, W + 2)
    gradients = F.conv2d(maps, kernels.to(maps.dtype).unsqueeze(1))  # (N C, 2, H, W)
    return gradients.view(n, c, *gradients.shape[1:]).movedim(2, 0)
