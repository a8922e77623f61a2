"""Displacement maps on a GPU, as products of matrices.

A map is cut into square tiles. The candidates of all pixels of a tile are a patch of the other map,
so one batched product holds the similarities of all tiles, and the window of each pixel is a view
of it. A GPU wants few large products where a CPU wants small ones that stay in its cache: as many
pairs as fit into a block are computed at once. The volume is not kept: the backward pass computes
it anew.
"""

from collections.abc import Iterator
from functools import lru_cache
from math import ceil

import torch
from torch import Tensor
from torch.nn import functional as F

__all__ = ['displacement_gpu', 'displacement_gpu_backward']

# A patch of 16x16 serves the 64 pixels of a tile with windows of 9x9: 3 products for each needed.
_SIDE = 8
_BLOCK_BYTES = 2**28


def displacement_gpu(q: Tensor, k: Tensor, reach_y: int, reach_x: int, tau: float | None) -> Tensor:
    """Find the displacements from ``q`` to ``k``: the arguments are those of the operator."""
    offsets = _offsets(reach_y, reach_x, q.dtype, q.device)
    out = q.new_empty(q.shape[0], 2, *q.shape[2:])
    for pairs in _blocks(q, reach_y, reach_x):
        tiles = _cut(q[pairs])
        patches = _cut_patches(k[pairs], reach_y, reach_x)
        windows = _windows(tiles @ patches, reach_y, reach_x)
        chances = _assign(windows, tau).flatten(3)  # (T, side, side, candidates)
        out[pairs] = _join(chances @ offsets, out[pairs].shape)
    return out


def displacement_gpu_backward(
    grad: Tensor, q: Tensor, k: Tensor, reach_y: int, reach_x: int, tau: float
) -> tuple[Tensor, Tensor]:
    """Return the gradients of ``q`` and ``k`` from that of their displacements."""
    offsets = _offsets(reach_y, reach_x, q.dtype, q.device)
    grad_q = torch.empty_like(q)
    grad_k = torch.empty_like(k)
    for pairs in _blocks(q, reach_y, reach_x):
        tiles = _cut(q[pairs])
        patches = _cut_patches(k[pairs], reach_y, reach_x)
        products = tiles @ patches
        windows = _windows(products, reach_y, reach_x)
        chances = _assign(windows, tau)
        # Backward through the mean of the offsets and the softmax, (T, side, side, rows, columns).
        pulls = (_cut(grad[pairs]) @ offsets.mT).view_as(chances)
        mean_pull = (chances * pulls).sum((3, 4), keepdim=True)
        slopes = chances * (pulls - mean_pull) / tau
        # A product outside of the windows has no gradient.
        products.zero_()
        windows.copy_(slopes)
        grad_q[pairs] = _join(products @ patches.mT, q[pairs].shape)
        grad_k[pairs] = _join_patches(tiles.mT @ products, k[pairs].shape, reach_y, reach_x)
    return grad_q, grad_k


@lru_cache
def _offsets(reach_y: int, reach_x: int, dtype: torch.dtype, device: torch.device) -> Tensor:
    """Return (dx, dy) of the candidates of a pixel in reading order."""
    y = torch.arange(-reach_y, reach_y + 1, dtype=dtype, device=device)
    x = torch.arange(-reach_x, reach_x + 1, dtype=dtype, device=device)
    return torch.cartesian_prod(y, x).view(-1, 2).flip(1)


def _blocks(q: Tensor, reach_y: int, reach_x: int) -> Iterator[slice]:
    """Yield the pairs whose products fill a block, one pair at least."""
    num_pixels = q.shape[2] * q.shape[3]
    num_candidates = (_SIDE + 2 * reach_y) * (_SIDE + 2 * reach_x)
    values_of_pixel = num_candidates + 2 * q.shape[1]  # its products, and itself in both maps
    size = num_pixels * values_of_pixel * q.element_size()
    step = max(1, _BLOCK_BYTES // size)
    for first in range(0, q.shape[0], step):
        yield slice(first, first + step)


def _cut(maps: Tensor) -> Tensor:
    """Cut maps into tiles, with zeros beyond the map, (T, side x side, C)."""
    height, width = maps.shape[2:]
    padded = F.pad(maps, (0, -width % _SIDE, 0, -height % _SIDE))
    strips = padded.unfold(2, _SIDE, _SIDE)
    tiles = strips.unfold(3, _SIDE, _SIDE)  # (N, C, rows, columns, y, x)
    return tiles.permute(0, 2, 3, 4, 5, 1).reshape(-1, _SIDE * _SIDE, maps.shape[1])


def _join(tiles: Tensor, shape: torch.Size) -> Tensor:
    """Undo :func:`_cut`."""
    n, c, height, width = shape
    rows = ceil(height / _SIDE)
    columns = ceil(width / _SIDE)
    pixels = tiles.view(n, rows, columns, _SIDE, _SIDE, c)
    maps = pixels.permute(0, 5, 1, 3, 2, 4)  # (N, C, rows, y, columns, x)
    whole = maps.reshape(n, c, rows * _SIDE, columns * _SIDE)
    return whole[..., :height, :width]


def _cut_patches(maps: Tensor, reach_y: int, reach_x: int) -> Tensor:
    """Cut maps into what the windows of each tile reach, zeros beyond, (T, C, height x width)."""
    height, width = maps.shape[2:]
    right = reach_x + -width % _SIDE
    below = reach_y + -height % _SIDE
    padded = F.pad(maps, (reach_x, right, reach_y, below))
    strips = padded.unfold(2, _SIDE + 2 * reach_y, _SIDE)
    patches = strips.unfold(3, _SIDE + 2 * reach_x, _SIDE)  # (N, C, rows, columns, y, x)
    return patches.permute(0, 2, 3, 1, 4, 5).flatten(4).flatten(0, 2)


def _join_patches(patches: Tensor, shape: torch.Size, reach_y: int, reach_x: int) -> Tensor:
    """Add up the patches of :func:`_cut_patches` where they overlap."""
    n, _, height, width = shape
    rows = ceil(height / _SIDE)
    columns = ceil(width / _SIDE)
    size_of_map = rows * _SIDE + 2 * reach_y, columns * _SIDE + 2 * reach_x
    size_of_patch = _SIDE + 2 * reach_y, _SIDE + 2 * reach_x
    of_pair = patches.view(n, rows * columns, -1).mT  # (N, C y x, rows columns)
    maps = F.fold(of_pair, size_of_map, size_of_patch, stride=_SIDE)
    return maps[..., reach_y : reach_y + height, reach_x : reach_x + width]


def _windows(products: Tensor, reach_y: int, reach_x: int) -> Tensor:
    """View the products of each pixel with its own candidates, (T, side, side, rows, columns).

    The window of the pixel at (y, x) of a tile begins at (y, x) of the patch.
    """
    width = _SIDE + 2 * reach_x
    of_tile, of_pixel, _ = products.stride()
    shape = products.shape[0], _SIDE, _SIDE, 2 * reach_y + 1, 2 * reach_x + 1
    strides = of_tile, _SIDE * of_pixel + width, of_pixel + 1, width, 1
    return products.as_strided(shape, strides)


def _assign(windows: Tensor, tau: float | None) -> Tensor:
    """Share each pixel among its candidates; equal winners share alike."""
    similarities = windows.flatten(3)
    if tau is not None:
        chances = (similarities / tau).softmax(3)
    else:
        won = (similarities == similarities.amax(3, keepdim=True)).to(similarities.dtype)
        chances = won / won.sum(3, keepdim=True)
    return chances.view(windows.shape)
