"""Displacement maps on the CPU, as products of matrices.

A map is cut into strips of columns, and a strip into tiles of a few rows. The candidates of all
pixels of a tile are a patch of the other map, and where the rows of a strip follow each other in
memory, such a patch is a matrix, as a view: one batched product holds the similarities of all tiles
of a strip. Those outside the windows, about two in three of 9x9, are masked. A softmax and a
product with the places of the candidates follow while they are in cache. The volume is never stored
as a whole: the backward pass computes the tiles anew.

In the shapes below, M are the pixels of a tile, P the pixels of a patch, and B the tiles of a block
of pairs, in the order of pairs and rows.
"""

from collections.abc import Iterator
from itertools import product
from math import ceil
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
    """How the maps are cut.

    The tiles of several pairs are one batched product, so the strips of the pairs follow each other
    in memory. The last rows of a pair would then see the first rows of the next pair: ``gap`` tiles
    of zeros lie between two pairs, and what is computed for these tiles is thrown away.

    Args:
        reach_y: how many rows up and down the candidates of a pixel are.
        reach_x: how many columns to the left and to the right they are.
        height: rows of a tile.
        width: columns of a tile.
        rows: tiles from the top of a map to its bottom.
        columns: tiles from the left of a map to its right.
        gap: tiles between two pairs.
    """

    reach_y: int
    reach_x: int
    height: int
    width: int
    rows: int
    columns: int
    gap: int

    @property
    def num_pixels(self) -> int:
        """M, the pixels of a tile."""
        return self.height * self.width

    @property
    def num_candidates(self) -> int:
        """P, the pixels of a patch."""
        height = self.height + 2 * self.reach_y
        width = self.width + 2 * self.reach_x
        return height * width

    def num_pairs(self, element_size: int) -> int:
        """Return how many pairs make a block of similarities that stays in cache."""
        num_tiles = self.rows + self.gap
        size = num_tiles * self.num_pixels * self.num_candidates * element_size
        return max(1, _BLOCK_BYTES // size)


class _Block(NamedTuple):
    """A strip of columns of some pairs of maps.

    Args:
        pairs: which of the pairs.
        x: the first column.
        tiles: the queries, (B, C, M).
        patches: the keys that the windows of each tile reach, (B, C, P).
    """

    pairs: slice
    x: int
    tiles: Tensor
    patches: Tensor


def displacement_cpu(q: Tensor, k: Tensor, reach_y: int, reach_x: int, tau: float | None) -> Tensor:
    """Find the displacements from ``q`` to ``k``: the arguments are those of the operator."""
    n, _, h, w = q.shape
    tiling = _choose_tiling(h, w, reach_y, reach_x)
    pixels, candidates, mask = _places(tiling, q)
    out = q.new_empty(n, 2, tiling.rows, tiling.height, tiling.columns * tiling.width)
    buffer = q.new_empty(0)
    for pairs, x, tiles, patches in _blocks(q, k, tiling):
        chances = _assign(tiles, patches, mask, tau, buffer)  # (B, M, P)
        places = chances.flatten(0, 1) @ candidates  # (B M, 2)
        displacements = places.view(-1, tiling.num_pixels, 2) - pixels
        out[pairs, ..., x : x + tiling.width] = _join(displacements, tiling)
    whole = out.flatten(2, 3)  # (N, 2, H, W), rounded up to whole tiles
    return whole[..., :h, :w].contiguous()


def displacement_cpu_backward(
    grad: Tensor, q: Tensor, k: Tensor, reach_y: int, reach_x: int, tau: float
) -> tuple[Tensor, Tensor]:
    """Return the gradients of ``q`` and ``k`` from that of their displacements."""
    tiling = _choose_tiling(q.shape[2], q.shape[3], reach_y, reach_x)
    _, candidates, mask = _places(tiling, q)
    grad = grad / tau
    grad_q = torch.zeros_like(q)
    grad_k = torch.zeros_like(k)
    buffers = [q.new_empty(0) for _ in range(5)]
    for pairs, x, tiles, patches in _blocks(q, k, tiling):
        chances = _assign(tiles, patches, mask, tau, buffers[0])  # (B, M, P)
        # The place of the pixel itself is the same for all candidates, so it adds nothing here.
        wanted = _cut(grad[pairs], x, tiling, 0, 0, buffers[1]).mT  # (B, M, 2)
        offsets = candidates.mT.expand(wanted.shape[0], -1, -1)  # (B, 2, P)
        slopes = _multiply(wanted, offsets, buffers[2])
        torch._softmax_backward_data(slopes, chances, 2, slopes.dtype, grad_input=slopes)
        of_tiles = _multiply(patches, slopes.mT, buffers[3])  # (B, C, M)
        _add(grad_q[pairs], x, of_tiles, tiling, 0, 0)
        of_candidates = _multiply_back(tiles, slopes, tiling, buffers[4])
        _add(grad_k[pairs], x, of_candidates, tiling, reach_y, reach_x)
    return grad_q, grad_k


def _choose_tiling(h: int, w: int, reach_y: int, reach_x: int) -> _Tiling:
    columns = ceil(w / _COLUMNS)
    width = ceil(w / columns)
    height = min(_ROWS, h)
    rows = ceil(h / height)
    gap = ceil(2 * reach_y / height)
    return _Tiling(reach_y, reach_x, height, width, rows, columns, gap)


def _places(tiling: _Tiling, like: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """Return x and y of the pixels of a tile, (M, 2), and of its candidates, (P, 2); a mask.

    The mask, (1, M, P), is minus infinity where a candidate is outside a pixel's window.
    """
    reach_y, reach_x = tiling.reach_y, tiling.reach_x
    y = torch.arange(tiling.height)
    x = torch.arange(tiling.width)
    pixels = torch.cartesian_prod(y, x).flip(1)
    y = torch.arange(-reach_y, tiling.height + reach_y)
    x = torch.arange(-reach_x, tiling.width + reach_x)
    candidates = torch.cartesian_prod(y, x).flip(1)
    distance = (candidates - pixels[:, None]).abs()  # (M, P, 2)
    outside = (distance > torch.tensor([reach_x, reach_y])).any(2)
    mask = like.new_zeros(1, *outside.shape).masked_fill_(outside, -torch.inf)
    return pixels.to(like), candidates.to(like), mask


def _blocks(q: Tensor, k: Tensor, tiling: _Tiling) -> Iterator[_Block]:
    """Cut both maps into blocks; those of the next block overwrite those of the last."""
    step = tiling.num_pairs(q.element_size())
    buffer_q = q.new_empty(0)
    buffer_k = k.new_empty(0)
    for first, x in product(range(0, q.shape[0], step), range(0, q.shape[3], tiling.width)):
        pairs = slice(first, first + step)
        tiles = _cut(q[pairs], x, tiling, 0, 0, buffer_q)
        patches = _cut(k[pairs], x, tiling, tiling.reach_y, tiling.reach_x, buffer_k)
        yield _Block(pairs, x, tiles, patches)


def _assign(
    tiles: Tensor, patches: Tensor, mask: Tensor, tau: float | None, buffer: Tensor
) -> Tensor:
    """Share each pixel among its candidates, (B, M, P); equal winners share alike."""
    logits = buffer.resize_(tiles.shape[0], *mask.shape[1:])
    scale = 1 if tau is None else 1 / tau
    torch.baddbmm(mask, tiles.mT, patches, alpha=scale, out=logits)
    if tau is not None:
        return torch.softmax(logits, 2, out=logits)
    won = (logits == logits.amax(2, keepdim=True)).to(logits.dtype)
    return won / won.sum(2, keepdim=True)


def _multiply(a: Tensor, b: Tensor, buffer: Tensor) -> Tensor:
    out = buffer.resize_(a.shape[0], a.shape[1], b.shape[2])
    return torch.bmm(a, b, out=out)


def _cut(
    maps: Tensor, x: int, tiling: _Tiling, margin_y: int, margin_x: int, buffer: Tensor
) -> Tensor:
    """Cut the strip of maps that begins at column x into tiles with margins.

    Zeros surround the maps and fill the gaps.

    Args:
        maps: (N, C, H, W).
        x: the strip's first column, without its margin.
        tiling: as of all maps.
        margin_y: rows above and below each tile.
        margin_x: columns on its left and on its right.
        buffer: where the strip is written.

    Returns:
        Without margins tiles, (B, C, M), and with those of the window patches, (B, C, P).
    """
    n, _, h, w = maps.shape
    width = tiling.width + 2 * margin_x
    num_tiles = tiling.rows + tiling.gap
    strip = _shape_strip(buffer, maps, num_tiles * tiling.height, width)
    of_map, of_strip = _common_columns(x - margin_x, width, w)
    if x == 0 or of_strip != slice(0, width):
        strip.zero_()
    strip[:, :, margin_y : margin_y + h, of_strip] = maps[..., of_map]
    pixels = strip.transpose(0, 1).flatten(1)  # (C, N H W) of the strips, a view
    # From a tile to the next are as many pixels as a tile has without its margins above and below.
    size = (tiling.height + 2 * margin_y) * width
    tiles = pixels.unfold(1, size, tiling.height * width)  # (C, B, size)
    return tiles.transpose(0, 1)[: n * num_tiles - tiling.gap]


def _shape_strip(buffer: Tensor, maps: Tensor, height: int, width: int) -> Tensor:
    """Return (N, C, H, W) such that the rows of all pairs follow each other in memory."""
    n, c = maps.shape[:2]
    if maps.stride(1) == 1:  # channels last, and so they stay
        return buffer.resize_(n, height, width, c).permute(0, 3, 1, 2)
    return buffer.resize_(c, n, height, width).transpose(0, 1)


def _common_columns(x: int, width: int, limit: int) -> tuple[slice, slice]:
    """Return what a strip from column x on and a map have in common: in the map, in the strip."""
    first = max(x, 0)
    last = min(x + width, limit)
    return slice(first, last), slice(first - x, last - x)


def _join(found: Tensor, tiling: _Tiling) -> Tensor:
    """Put tiles, (B, M, 2), in their rows, (N, 2, rows, height, width), and leave out the gaps."""
    tiles = found.view(-1, tiling.height, tiling.width, 2)
    pairs = tiles.unfold(0, tiling.rows, tiling.rows + tiling.gap)  # (N, height, width, 2, rows)
    return pairs.permute(0, 3, 4, 1, 2)


def _multiply_back(tiles: Tensor, slopes: Tensor, tiling: _Tiling, buffer: Tensor) -> Tensor:
    """Return the gradient of the candidates, (B + gap, C, height x width), without overlaps.

    A row of candidates belongs to the patches of gap + 1 tiles, one below the other. Where the
    slopes of a tile are ``size`` farther from the next ones than they are long, those of all its
    pixels in all these tiles are a matrix, as a view: the sum over the patches is part of the
    product.

    Args:
        tiles: the queries, (B, C, M).
        slopes: the gradient of the similarities, (B, M, P).
        tiling: as of all maps.
        buffer: where the slopes are written.
    """
    gap = tiling.gap
    count, m, p = slopes.shape
    size = p // (gap + 1)
    apart = buffer.resize_(count + 2 * gap, m * p + size)
    apart[:gap] = 0
    apart[gap : gap + count, : m * p] = slopes.flatten(1)
    apart[gap + count :] = 0
    shape = (count + gap, (gap + 1) * m, size)
    shifted = apart.as_strided(shape, (m * p + size, p, 1), gap * size)
    pixels = tiles.transpose(0, 1).flatten(1)  # (C, B M)
    pixels = F.pad(pixels, (gap * m, gap * m))
    neighbours = pixels.unfold(1, (gap + 1) * m, m).transpose(0, 1)  # (B + gap, C, (gap + 1) M)
    return neighbours @ shifted


def _add(
    maps: Tensor, x: int, tiles: Tensor, tiling: _Tiling, margin_y: int, margin_x: int
) -> None:
    """Add tiles, (B, C, height x width), to the maps where :func:`_cut` took them."""
    n, c, h, w = maps.shape
    width = tiling.width + 2 * margin_x
    count = ceil((h + margin_y) / tiling.height)
    strips = tiles.unfold(0, count, tiling.rows + tiling.gap)  # (N, C, height x width, count)
    strips = strips.transpose(2, 3).reshape(n, c, -1, width)
    of_map, of_strip = _common_columns(x - margin_x, width, w)
    maps[..., of_map] += strips[:, :, margin_y : margin_y + h, of_strip]
