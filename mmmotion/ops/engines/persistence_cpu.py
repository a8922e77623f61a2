"""Persistence of Appearance on the CPU, as products of matrices.

A convolution library fills its vectors with output channels, here 8 of 16 lanes, and rearranges
what it returns. So the pixels fill them: each row of the change is stored once per column of the
filters, shifted, and in this layout the windows of all pixels of a row are a matrix, as a view.
Its product with the filters holds their features. This is done block by block, in buffers that are
used again, and the features are never stored as a whole: the backward pass computes them anew.

Both passes are registered as operators, since a compiler would unroll the loop over the blocks.
"""

from collections.abc import Iterator
from itertools import product
from typing import Any, NamedTuple

import torch
from torch import Tensor
from torch.utils.flop_counter import register_flop_formula

from mmmotion.ops.shapes import adjacent_frames

__all__ = ['persistence_cpu']

_BLOCK_BYTES = 2**22


class _Block(NamedTuple):
    """Some pairs of frames of some stacks; S stacks of P pairs.

    Args:
        place: which stacks and which pairs, as an index of PA.
        size: S and P.
        windows: of the change of the frames, (S P (H + kh - 1), kh C kw, W). The last kh - 1 of
            the H + kh - 1 rows of a pair see two pairs of frames at once and mean nothing; with
            them, a block is one batched product.
    """

    place: tuple[slice, slice]
    size: tuple[int, int]
    windows: Tensor


@torch.library.custom_op('mmmotion::persistence_cpu', mutates_args=(), device_types='cpu')
def persistence_cpu(clip: Tensor, weight: Tensor, eps: float, offset: float) -> Tensor:
    """Compute PA, differentiable with respect to ``weight`` only.

    Args:
        clip: as in :func:`~mmmotion.ops.persistence_of_appearance`, (N, m, C, H, W).
        weight: of the filters, (F, C, kh, kw).
        eps: as there.
        offset: as there.

    Returns:
        PA, (N, m - 1, H, W).
    """
    n, m, _, h, w = clip.shape
    out = clip.new_empty(n, m - 1, h, w)
    for block, features in _feature_blocks(clip, weight, offset):
        squares = features.square_()[:, :, :h]
        torch.sum(squares, 3, out=out[block.place])
    return out.add_(eps).sqrt_()


@torch.library.custom_op('mmmotion::persistence_cpu_backward', mutates_args=(), device_types='cpu')
def _persistence_backward(
    grad: Tensor, out: Tensor, clip: Tensor, weight: Tensor, offset: float
) -> Tensor:
    h = clip.shape[3]
    scale = grad / out  # of a feature's change, its own gradient
    total = torch.zeros_like(weight.transpose(1, 2).flatten(1))  # (F, kh C kw)
    for block, features in _feature_blocks(clip, weight, offset):
        features[:, :, :h] *= scale[block.place].unsqueeze(3)
        features[:, :, h:] = 0
        rows = features.flatten(0, 2)  # (S P (H + kh - 1), F, W)
        total += torch.bmm(rows, block.windows.transpose(1, 2)).sum(0)
    f, c, kh, kw = weight.shape
    return total.view(f, kh, c, kw).transpose(1, 2).contiguous()


def _feature_blocks(clip: Tensor, weight: Tensor, offset: float) -> Iterator[tuple[_Block, Tensor]]:
    """Yield blocks and the change of their features, (S, P, H + kh - 1, F, W)."""
    filters = weight.transpose(1, 2).flatten(1)  # (F, kh C kw)
    buffer = clip.new_empty(0)
    for block in _blocks(clip, weight.shape[2], weight.shape[3]):
        count, _, width = block.windows.shape
        features = buffer.resize_(count, filters.shape[0], width)
        torch.bmm(filters.expand(count, -1, -1), block.windows, out=features)
        if offset:
            features.add_(offset)
        yield block, features.view(*block.size, -1, *features.shape[1:])


def _blocks(clip: Tensor, kh: int, kw: int) -> Iterator[_Block]:
    """Yield blocks; their windows are in a buffer that the next one overwrites."""
    n, m, c, h, w = clip.shape
    bytes_of_pair = c * kw * h * w * clip.element_size()
    num_stacks, num_pairs = _block_shape(n, m - 1, bytes_of_pair)
    # The change of the frames, surrounded by zeros, rows before channels.
    change = clip.new_zeros(num_stacks, num_pairs, h + kh - 1, c, w + kw - 1)
    top = kh // 2
    left = kw // 2
    inside = change[:, :, top : top + h, :, left : left + w]
    inside = inside.transpose(2, 3)  # (S, P, C, H, W)
    # Each row once for each column of the filters, and rows of zeros for the windows of the last.
    num_rows = num_stacks * num_pairs * (h + kh - 1)
    buffer = clip.new_empty(num_rows + kh - 1, c, kw, w)
    buffer[num_rows:] = 0
    for i, t in product(range(0, n, num_stacks), range(0, m - 1, num_pairs)):
        frames = clip[i : i + num_stacks, t : t + num_pairs + 1]
        stacks = frames.shape[0]
        pairs = frames.shape[1] - 1
        earlier, later = adjacent_frames(frames)
        torch.sub(later, earlier, out=inside[:stacks, :pairs])
        rows = change[:stacks, :pairs].flatten(0, 2)  # (S P (H + kh - 1), C, W + kw - 1)
        count = rows.shape[0]
        buffer[:count] = rows.unfold(2, w, 1)
        vectors = buffer[: count + kh - 1].flatten(0, 2)
        # The windows of a row begin at it and span kh rows: they overlap, as a view.
        windows = vectors.unfold(0, kh * c * kw, c * kw)  # (S P (H + kh - 1), W, kh C kw)
        place = slice(i, i + stacks), slice(t, t + pairs)
        yield _Block(place, (stacks, pairs), windows.transpose(1, 2))


def _block_shape(stacks: int, pairs: int, size: int) -> tuple[int, int]:
    """Choose how many stacks, and pairs of frames of each, make a block; ``size`` bytes per pair.

    Windows of 4 MB stay in cache until they are multiplied. Never fewer than four blocks: their
    buffers then take less memory than the features would.
    """
    count = min(_BLOCK_BYTES // size, stacks * pairs // 4)
    count = max(1, count)
    pairs = min(pairs, count)
    return count // pairs, pairs


@persistence_cpu.register_fake
def _(clip: Tensor, weight: Tensor, eps: float, offset: float) -> Tensor:
    n, m, _, h, w = clip.shape
    return clip.new_empty(n, m - 1, h, w)


@_persistence_backward.register_fake
def _(grad: Tensor, out: Tensor, clip: Tensor, weight: Tensor, offset: float) -> Tensor:
    return torch.empty_like(weight, memory_format=torch.contiguous_format)


def _setup_context(ctx: Any, inputs: tuple[Tensor, Tensor, float, float], output: Tensor) -> None:
    clip, weight, _, ctx.offset = inputs
    ctx.save_for_backward(output, clip, weight)


def _backward(ctx: Any, grad: Tensor) -> tuple[None, Tensor, None, None]:
    out, clip, weight = ctx.saved_tensors
    return None, _persistence_backward(grad, out, clip, weight, ctx.offset), None, None


persistence_cpu.register_autograd(_backward, setup_context=_setup_context)


# A counter of operations does not look inside an operator: 2 per multiply-add, 2 products backward.
@register_flop_formula(torch.ops.mmmotion.persistence_cpu)
def _flops(clip: torch.Size, weight: torch.Size, *_: Any, out_shape: torch.Size) -> int:
    return 2 * out_shape.numel() * weight.numel()


@register_flop_formula(torch.ops.mmmotion.persistence_cpu_backward)
def _backward_flops(grad: torch.Size, *_: Any, out_shape: torch.Size) -> int:
    return 4 * grad.numel() * out_shape.numel()
