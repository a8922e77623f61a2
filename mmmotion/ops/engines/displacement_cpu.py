"""Displacement maps on the CPU, as products of matrices.

A map is cut into strips of columns, and a strip into tiles of a few rows. The candidates of all
pixels of a tile are a patch of the other map, and where the rows of a strip lie one behind the
other, such a patch is a matrix, as a view: one batched product holds the similarities of all tiles
of a strip. Those outside the windows, about two in three of 9x9, are masked. A softmax and a
product with the places of the candidates follow while they are in cache. The volume is never stored
as a whole: the backward pass computes the tiles anew.
"""

from collections.abc import Iterator
from itertools import product
from typing import NamedTuple

import torch
from torch import Tensor
from torch.nn import functional as F

__all__ = ['displacement_cpu', 'displacement_cpu_backward']

_BLOCK_BYTES = 2**21
# Most rows and columns of a tile: larger ones waste similarities, smaller ones copy more. Two rows,
# or one, divide what a window reaches up and down together.
_ROWS, _COLUMNS = 2, 16


class _Tiling(NamedTuple):
    """How maps are cut. After the tiles of a pair, ``gap`` ones see two pairs and mean nothing.

    With them, the tiles of several pairs are one batched product.
    """

    dh: int
    dw: int
    height: int  # of a tile
    width: int
    rows: int  # of tiles
    columns: int
    gap: int

    @property
    def num_pixels(self) -> int:
        return self.height * self.width

    @property
    def num_candidates(self) -> int:
        return (self.height + 2 * self.dh) * (self.width + 2 * self.dw)

    def num_pairs(self, element_size: int) -> int:
        """Return how many pairs make a block of similarities that stays in cache."""
        size = (self.rows + self.gap) * self.num_pixels * self.num_candidates * element_size
        return max(1, _BLOCK_BYTES // size)


def displacement_cpu(q: Tensor, k: Tensor, dh: int, dw: int, tau: float) -> Tensor:
    """Find the displacements from ``q`` to ``k`` by their dot products, (N, 2, H, W)."""
    n, _, h, w = q.shape
    tiling = _choose_tiling(q.shape, dh, dw)
    pixels, candidates, mask = _places(tiling, q)
    out = q.new_empty(n, 2, tiling.rows, tiling.height, tiling.columns * tiling.width)
    buffer = q.new_empty(0)
    for pairs, x, tiles, patches in _blocks(q, k, tiling):
        chances = _assign(tiles, patches, mask, tau, buffer)
        found = (chances.flatten(0, 1) @ candidates).view(len(tiles), -1, 2) - pixels
        out[pairs, ..., x : x + tiling.width] = _join(found, tiling)
    return out.flatten(2, 3)[..., :h, :w].contiguous()


def displacement_cpu_backward(
    grad: Tensor, q: Tensor, k: Tensor, dh: int, dw: int, tau: float
) -> tuple[Tensor, Tensor]:
    """Return the gradients of ``q`` and ``k`` from that of their displacements."""
    tiling = _choose_tiling(q.shape, dh, dw)
    _, candidates, mask = _places(tiling, q)
    grad, grad_q, grad_k = grad / tau, torch.zeros_like(q), torch.zeros_like(k)
    buffers = [q.new_empty(0) for _ in range(5)]
    for pairs, x, tiles, patches in _blocks(q, k, tiling):
        chances = _assign(tiles, patches, mask, tau, buffers[0])
        # The place of the pixel itself is the same for all candidates, so it adds nothing here.
        wanted = _cut(grad[pairs], x, tiling, 0, 0, buffers[1]).mT
        slopes = _multiply(wanted, candidates.mT.expand(len(tiles), -1, -1), buffers[2])
        torch._softmax_backward_data(slopes, chances, 2, slopes.dtype, grad_input=slopes)
        _add(grad_q[pairs], x, _multiply(patches, slopes.mT, buffers[3]), tiling, 0, 0)
        _add(grad_k[pairs], x, _multiply_back(tiles, slopes, tiling, buffers[4]), tiling, dh, dw)
    return grad_q, grad_k


def _choose_tiling(size: torch.Size, dh: int, dw: int) -> _Tiling:
    columns = -(-size[3] // _COLUMNS)
    height, width = min(_ROWS, size[2]), -(-size[3] // columns)
    return _Tiling(dh, dw, height, width, -(-size[2] // height), columns, -(-2 * dh // height))


def _places(tiling: _Tiling, like: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """Return x and y of the pixels of a tile, (M, 2), and of its candidates, (P, 2); a mask.

    The mask, (1, M, P), takes what is outside a pixel's window out of a softmax.
    """
    dh, dw, height, width, *_ = tiling
    y, x = (torch.arange(-d, size + d) for d, size in ((dh, height), (dw, width)))
    candidates = torch.cartesian_prod(y, x).flip(1)
    pixels = torch.cartesian_prod(y[dh : dh + height], x[dw : dw + width]).flip(1)
    outside = ((candidates - pixels[:, None]).abs() > torch.tensor([dw, dh])).any(2)
    mask = like.new_zeros(1, *outside.shape).masked_fill_(outside, -torch.inf)
    return pixels.to(like), candidates.to(like), mask


def _blocks(q: Tensor, k: Tensor, tiling: _Tiling) -> Iterator[tuple[slice, int, Tensor, Tensor]]:
    """Yield the pairs, the first column, the tiles (T, C, M) and patches (T, C, P) of blocks."""
    step = tiling.num_pairs(q.element_size())
    buffers = q.new_empty(0), k.new_empty(0)
    for first, x in product(range(0, len(q), step), range(0, q.shape[3], tiling.width)):
        pairs = slice(first, first + step)
        tiles = _cut(q[pairs], x, tiling, 0, 0, buffers[0])
        yield pairs, x, tiles, _cut(k[pairs], x, tiling, tiling.dh, tiling.dw, buffers[1])


def _assign(tiles: Tensor, patches: Tensor, mask: Tensor, tau: float, buffer: Tensor) -> Tensor:
    """Share each pixel among its candidates, (T, M, P); equal winners share alike."""
    logits = buffer.resize_(len(tiles), *mask.shape[1:])
    torch.baddbmm(mask, tiles.mT, patches, alpha=1 / tau if tau else 1, out=logits)
    if tau:
        return torch.softmax(logits, 2, out=logits)
    won = (logits == logits.amax(2, keepdim=True)).to(logits.dtype)
    return won / won.sum(2, keepdim=True)


def _multiply(a: Tensor, b: Tensor, buffer: Tensor) -> Tensor:
    return torch.bmm(a, b, out=buffer.resize_(len(a), a.shape[1], b.shape[2]))


def _cut(maps: Tensor, x: int, tiling: _Tiling, dh: int, dw: int, buffer: Tensor) -> Tensor:
    """Cut the strip that begins at column x into tiles, (T, C, M), or with margins into patches.

    Zeros surround the maps and fill the gaps.
    """
    width = tiling.width + 2 * dw
    strip = _shape_strip(buffer, maps, (tiling.rows + tiling.gap) * tiling.height, width)
    of_map, of_strip = _common_columns(x - dw, width, maps.shape[3])
    if x == 0 or of_strip != slice(0, width):
        strip.zero_()
    strip[:, :, dh : dh + maps.shape[2], of_strip] = maps[..., of_map]
    rows = strip.transpose(0, 1).flatten(1)
    size = (tiling.height + 2 * dh) * width
    tiles = rows.unfold(1, size, tiling.height * width).transpose(0, 1)
    return tiles[: len(maps) * (tiling.rows + tiling.gap) - tiling.gap]


def _shape_strip(buffer: Tensor, maps: Tensor, height: int, width: int) -> Tensor:
    """Return (N, C, H, W) such that the rows of all pairs lie one behind the other."""
    n, c = maps.shape[:2]
    if maps.stride(1) == 1:  # channels last, and so they stay
        return buffer.resize_(n, height, width, c).permute(0, 3, 1, 2)
    return buffer.resize_(c, n, height, width).transpose(0, 1)


def _common_columns(x: int, width: int, limit: int) -> tuple[slice, slice]:
    """Return what a strip from column x on and a map have in common: in the map, in the strip."""
    first, last = max(x, 0), min(x + width, limit)
    return slice(first, last), slice(first - x, last - x)


def _join(found: Tensor, tiling: _Tiling) -> Tensor:
    """Put tiles, (T, M, 2), in their rows, (N, 2, rows, height, width), and leave out the gaps."""
    tiles = found.view(-1, tiling.height, tiling.width, 2)
    pairs = tiles.unfold(0, tiling.rows, tiling.rows + tiling.gap)
    return pairs.permute(0, 3, 4, 1, 2)


def _multiply_back(tiles: Tensor, slopes: Tensor, tiling: _Tiling, buffer: Tensor) -> Tensor:
    """Return the gradient of the candidates, (T + gap, C, height x width), without overlaps.

    A row of candidates belongs to the patches of gap + 1 tiles in a row. Where the slopes of a tile
    are ``size`` farther from the next ones than they are long, those of all its pixels in all these
    tiles are a matrix, as a view: the sum over the patches is part of the product.
    """
    gap, (count, m, p) = tiling.gap, slopes.shape
    size = p // (gap + 1)
    apart = buffer.resize_(count + 2 * gap, m * p + size)
    apart[:gap], apart[gap + count :] = 0, 0
    apart[gap : gap + count, : m * p] = slopes.flatten(1)
    shape = (count + gap, (gap + 1) * m, size)
    rows = F.pad(tiles.transpose(0, 1).flatten(1), (gap * m, gap * m))
    rows = rows.unfold(1, (gap + 1) * m, m).transpose(0, 1)
    return rows @ apart.as_strided(shape, (m * p + size, p, 1), gap * size)


def _add(maps: Tensor, x: int, tiles: Tensor, tiling: _Tiling, dh: int, dw: int) -> None:
    """Add tiles, (T, C, height x width), to the maps where :func:`_cut` took them."""
    width = tiling.width + 2 * dw
    count = -(-(maps.shape[2] + dh) // tiling.height)
    strips = tiles.unfold(0, count, tiling.rows + tiling.gap).permute(0, 1, 3, 2)
    strips = strips.reshape(*strips.shape[:2], -1, width)
    of_map, of_strip = _common_columns(x - dw, width, maps.shape[3])
    maps[..., of_map] += strips[:, :, dh : dh + maps.shape[2], of_strip]
