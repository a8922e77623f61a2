"""Warping by a displacement, and what changes beyond it: the appearance.

Recognize Actions by Disentangling Components of Dynamics (DCD), section 3.4.
"""

import torch
from torch import Tensor
from torch.nn import functional as F

from mmmotion.ops._checks import check_float, check_shape

__all__ = ['warp', 'warped_difference']


def warp(x: Tensor, displacement: Tensor) -> Tensor:
    r"""Move a map by a displacement: every point takes what comes to it.

    .. math:: x'(p) = x(p - d(p))

    Section 3.4, sampled bilinearly. Outside the map is zero, which a source less than a pixel
    outside shares in.

    Args:
        x: a map of any range, (N, C, H, W).
        displacement: (N, 2, H, W), in pixels.

    Returns:
        The warped map in the type of ``x``, (N, C, H, W); computed in float32 at least.

    Raises:
        TypeError: if the map or the displacement is no floating-point tensor.
        ValueError: if their shapes do not belong together.

    Convention:
        The displacement is (dx, dy), columns and rows, as of :func:`displacement_map`. It is read
        where things arrive, p, not where they come from.

    Example:
        >>> displacement = torch.tensor([2.0, 0.0]).view(1, 2, 1, 1).expand(1, 2, 1, 4)
        >>> warp(torch.tensor([[[[1.0, 2.0, 3.0, 4.0]]]]), displacement).flatten()
        tensor([0., 0., 1., 2.])
    """
    check_float('x', x)
    check_float('displacement', displacement)
    check_shape('x', x, ('N', 'C', 'H', 'W'))
    check_shape('displacement', displacement, (x.shape[0], 2, *x.shape[2:]))
    height, width = x.shape[2:]
    dtype = torch.promote_types(x.dtype, displacement.dtype)
    dtype = torch.promote_types(dtype, torch.float32)
    with torch.autocast(x.device.type, enabled=False):
        pixels = _pixels(height, width, dtype, x.device)  # (1, 2, H, W)
        source = pixels - displacement.to(dtype)
        size = source.new_tensor([width, height]).view(1, 2, 1, 1)
        # Pixel i of n is at (2 i + 1) / n - 1 of the grid, whose -1 and 1 are the map's edges.
        grid = (2 * source + 1) / size - 1
        grid = grid.permute(0, 2, 3, 1)  # (N, H, W, 2)
        warped = F.grid_sample(x.to(dtype), grid, align_corners=False)
    return warped.to(x.dtype)


def warped_difference(f1: Tensor, f2: Tensor, displacement: Tensor) -> Tensor:
    r"""Subtract from a map what motion alone would have made of the one before.

    .. math:: f_2(p) - f_1(p - d(p))

    Section 3.4, :math:`F_{t+1} - F'_{t+1}`.

    Args:
        f1: the earlier map, of any range, (N, C, H, W).
        f2: the later map, (N, C, H, W).
        displacement: from ``f1`` to ``f2``, as of :func:`warp`.

    Returns:
        The difference, (N, C, H, W): all of ``f2`` where the source is outside ``f1``.

    Raises:
        TypeError: if the earlier map or the displacement is no floating-point tensor.
        ValueError: if the shapes do not belong together.

    Convention:
        Later minus earlier.

    Example:
        >>> f1 = torch.tensor([[[[1.0, 2.0, 3.0, 4.0]]]])
        >>> moved = torch.tensor([1.0, 0.0]).view(1, 2, 1, 1).expand(1, 2, 1, 4)
        >>> warped_difference(f1, f1.roll(1, 3), moved).flatten()
        tensor([4., 0., 0., 0.])
    """
    check_shape('f2', f2, tuple(f1.shape))
    return f2 - warp(f1, displacement)


def _pixels(height: int, width: int, dtype: torch.dtype, device: torch.device) -> Tensor:
    """Return x and y of every pixel, (1, 2, H, W)."""
    y = torch.arange(height, dtype=dtype, device=device)
    x = torch.arange(width, dtype=dtype, device=device)
    y, x = torch.meshgrid(y, x, indexing='ij')
    return torch.stack([x, y])[None]
