"""Displacement maps on a GPU, as products of matrices.

A map is cut into square tiles. The candidates of all pixels of a tile are a patch of the other map,
so one batched product holds the similarities of all tiles, and the window of each pixel is a view
of it. A GPU wants few large products where a CPU wants small ones that stay in its cache: as many
pairs as fit into a block are computed at once. The volume is not kept: the backward pass computes
it anew.
"""

from collections.abc import Iterator
from functools import lru_cache

import torch
from torch import Tensor
from torch.nn import functional as F

__all__ = ['displacement_gpu', 'displacement_gpu_backward']

# A patch of 16x16 serves the 64 pixels of a tile with windows of 9x9: 3 products for each needed.
_SIDE = 8
_BLOCK_BYTES = 2**28


def displacement_gpu(q: Tensor, k: Tensor, dh: int, dw: int, tau: float) -> Tensor:
    """Find the displacements from ``q`` to ``k`` by their dot products, (N, 2, H, W)."""
    offsets = _offsets(dh, dw, q.dtype, q.device)
    out = q.new_empty(q.shape[0], 2, *q.shape[2:])
    for pairs in _blocks(q, dh, dw):
        tiles, patches = _cut(q[pairs]), _cut_patches(k[pairs], dh, dw)
        chances = _assign(_windows(tiles @ patches, dh, dw), tau)
        out[pairs] = _join(chances.flatten(3) @ offsets, out[pairs].shape)
    return out


def displacement_gpu_backward(
    grad: Tensor, q: Tensor, k: Tensor, dh: int, dw: int, tau: float
) -> tuple[Tensor, Tensor]:
    """Return the gradients of ``q`` and ``k`` from that of their displacements."""
    offsets = _offsets(dh, dw, q.dtype, q.device)
    grad_q, grad_k = torch.empty_like(q), torch.empty_like(k)
    for pairs in _blocks(q, dh, dw):
        tiles, patches = _cut(q[pairs]), _cut_patches(k[pairs], dh, dw)
        products = tiles @ patches
        windows = _windows(products, dh, dw)
        chances = _assign(windows, tau)
        # Backward through the mean of the offsets and the softmax, (T, side, side, rows, columns).
        pulls = (_cut(grad[pairs]) @ offsets.mT).view_as(chances)
        mean_pull = (chances * pulls).sum((3, 4), keepdim=True)
        slopes = chances * (pulls - mean_pull) / tau
        # Outside the windows a product has no say.
        products.zero_()
        windows.copy_(slopes)
        grad_q[pairs] = _join(products @ patches.mT, q[pairs].shape)
        grad_k[pairs] = _join_patches(tiles.mT @ products, k[pairs].shape, dh, dw)
    return grad_q, grad_k


@lru_cache
def _offsets(dh: int, dw: int, dtype: torch.dtype, device: torch.device) -> Tensor:
    """Return (dx, dy) of the candidates of a pixel in reading order."""
    y = torch.arange(-dh, dh + 1, dtype=dtype, device=device)
    x = torch.arange(-dw, dw + 1, dtype=dtype, device=device)
    return torch.cartesian_prod(y, x).view(-1, 2).flip(1)


def _blocks(q: Tensor, dh: int, dw: int) -> Iterator[slice]:
    """Yield the pairs whose products fill a block, one pair at least."""
    num_pixels = q.shape[2] * q.shape[3]
    num_candidates = (_SIDE + 2 * dh) * (_SIDE + 2 * dw)
    size = num_pixels * (num_candidates + 2 * q.shape[1]) * q.element_size()
    step = max(1, _BLOCK_BYTES // size)
    for first in range(0, q.shape[0], step):
        yield slice(first, first + step)


def _cut(maps: Tensor) -> Tensor:
    """Cut maps into tiles, with zeros beyond the map, (T, side x side, C)."""
    height, width = maps.shape[2:]
    padded = F.pad(maps, (0, -width % _SIDE, 0, -height % _SIDE))
    tiles = padded.unfold(2, _SIDE, _SIDE).unfold(3, _SIDE, _SIDE)  # (N, C, rows, columns, y, x)
    return tiles.permute(0, 2, 3, 4, 5, 1).reshape(-1, _SIDE * _SIDE, maps.shape[1])


def _join(tiles: Tensor, shape: torch.Size) -> Tensor:
    """Undo :func:`_cut`."""
    n, c, height, width = shape
    rows, columns = -(-height // _SIDE), -(-width // _SIDE)
    maps = tiles.view(n, rows, columns, _SIDE, _SIDE, c).permute(0, 5, 1, 3, 2, 4)
    return maps.reshape(n, c, rows * _SIDE, columns * _SIDE)[..., :height, :width]


def _cut_patches(maps: Tensor, dh: int, dw: int) -> Tensor:
    """Cut maps into what the windows of each tile reach, zeros beyond, (T, C, height x width)."""
    height, width = maps.shape[2:]
    padded = F.pad(maps, (dw, dw + -width % _SIDE, dh, dh + -height % _SIDE))
    patches = padded.unfold(2, _SIDE + 2 * dh, _SIDE).unfold(3, _SIDE + 2 * dw, _SIDE)
    # (N, C, rows, columns, y, x) -> (T, C, y x)
    return patches.permute(0, 2, 3, 1, 4, 5).flatten(4).flatten(0, 2)


def _join_patches(patches: Tensor, shape: torch.Size, dh: int, dw: int) -> Tensor:
    """Add up the patches of :func:`_cut_patches` where they overlap."""
    n, _, height, width = shape
    rows, columns = -(-height // _SIDE), -(-width // _SIDE)
    size = rows * _SIDE + 2 * dh, columns * _SIDE + 2 * dw
    of_pair = patches.view(n, rows * columns, -1).mT  # (N, C y x, rows columns)
    maps = F.fold(of_pair, size, (_SIDE + 2 * dh, _SIDE + 2 * dw), stride=_SIDE)
    return maps[..., dh : dh + height, dw : dw + width]


def _windows(products: Tensor, dh: int, dw: int) -> Tensor:
    """View the products of each pixel with its own candidates, (T, side, side, rows, columns).

    The window of the pixel at (y, x) of a tile begins at (y, x) of the patch.
    """
    width = _SIDE + 2 * dw
    of_tile, of_pixel, _ = products.stride()
    shape = products.shape[0], _SIDE, _SIDE, 2 * dh + 1, 2 * dw + 1
    strides = of_tile, _SIDE * of_pixel + width, of_pixel + 1, width, 1
    return products.as_strided(shape, strides)


def _assign(windows: Tensor, tau: float) -> Tensor:
    """Share each pixel among its candidates; for tau = 0 equal winners share alike."""
    similarities = windows.flatten(3)
    if tau:
        chances = (similarities / tau).softmax(3)
    else:
        won = (similarities == similarities.amax(3, keepdim=True)).to(similarities.dtype)
        chances = won / won.sum(3, keepdim=True)
    return chances.view(windows.shape)
