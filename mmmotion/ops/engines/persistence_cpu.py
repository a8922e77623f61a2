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
from typing import Any

import torch
from torch import Tensor
from torch.utils.flop_counter import register_flop_formula

__all__ = ['persistence_cpu']

_BLOCK_BYTES = 2**22
Index = tuple[slice, slice]  # of the stacks and of the pairs of frames of a block


@torch.library.custom_op('mmmotion::persistence_cpu', mutates_args=(), device_types='cpu')
def persistence_cpu(clip: Tensor, weight: Tensor, eps: float, offset: float) -> Tensor:
    """Compute PA, differentiable with respect to ``weight`` only."""
    n, m, _, h, w = clip.shape
    out = clip.new_empty(n, m - 1, h, w)
    for index, features, _ in _feature_blocks(clip, weight, offset):
        torch.sum(features.square_()[:, :, :h], 3, out=out[index])
    return out.add_(eps).sqrt_()


@torch.library.custom_op('mmmotion::persistence_cpu_backward', mutates_args=(), device_types='cpu')
def _persistence_backward(
    grad: Tensor, out: Tensor, clip: Tensor, weight: Tensor, offset: float
) -> Tensor:
    h = clip.shape[3]
    scale = grad / out
    total = torch.zeros_like(weight.transpose(1, 2).flatten(1))
    for index, features, windows in _feature_blocks(clip, weight, offset):
        features[:, :, :h] *= scale[index].unsqueeze(3)
        features[:, :, h:] = 0
        total += torch.bmm(features.flatten(0, 2), windows.transpose(1, 2)).sum(0)
    f, c, kh, kw = weight.shape
    return total.view(f, kh, c, kw).transpose(1, 2).contiguous()


def _feature_blocks(
    clip: Tensor, weight: Tensor, offset: float
) -> Iterator[tuple[Index, Tensor, Tensor]]:
    """Yield the changes of the features of each block, (stacks, pairs, H + kh - 1, F, W).

    With them come their place in PA, and the windows they are made of. The last kh - 1 rows see
    two pairs of frames at once and mean nothing; with them, a block is one batched product.
    """
    filters = weight.transpose(1, 2).flatten(1)
    buffer = clip.new_empty(0)
    for index, shape, windows in _window_blocks(clip, weight.shape[2], weight.shape[3]):
        features = buffer.resize_(len(windows), len(filters), clip.shape[4])
        torch.bmm(filters.expand(len(windows), -1, -1), windows, out=features)
        features = features.add_(offset) if offset else features
        yield index, features.view(*shape, -1, *features.shape[1:]), windows


def _window_blocks(
    clip: Tensor, kh: int, kw: int
) -> Iterator[tuple[Index, tuple[int, int], Tensor]]:
    """Yield the windows of each block, (stacks * pairs * (H + kh - 1), kh * C * kw, W)."""
    n, m, c, h, w = clip.shape
    stacks, pairs = _block_shape(n, m - 1, c * kw * h * w * clip.element_size())
    change = clip.new_zeros(stacks, pairs, h + kh - 1, c, w + kw - 1)
    inside = change[:, :, kh // 2 :, :, kw // 2 :][:, :, :h, :, :w].transpose(2, 3)
    last = stacks * pairs * (h + kh - 1)
    buffer = clip.new_empty(last + kh - 1, c, kw, w)
    buffer[last:] = 0
    for i, t in product(range(0, n, stacks), range(0, m - 1, pairs)):
        frames = clip[i : i + stacks, t : t + pairs + 1]
        shape = (frames.shape[0], frames.shape[1] - 1)
        torch.sub(frames[:, 1:], frames[:, :-1], out=inside[: shape[0], : shape[1]])
        rows = change[: shape[0], : shape[1]].flatten(0, 2).unfold(2, w, 1)
        buffer[: len(rows)] = rows
        windows = buffer[: len(rows) + kh - 1].flatten(0, 2).unfold(0, kh * c * kw, c * kw)
        yield (slice(i, i + stacks), slice(t, t + pairs)), shape, windows.transpose(1, 2)


def _block_shape(stacks: int, pairs: int, size: int) -> tuple[int, int]:
    """Choose how many stacks, and pairs of frames of each, make a block; ``size`` bytes per pair.

    Windows of 4 MB stay in cache until they are multiplied. Never fewer than four blocks: their
    buffers then take less memory than the features would.
    """
    count = max(1, min(_BLOCK_BYTES // size, stacks * pairs // 4))
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
    return None, _persistence_backward(grad, *ctx.saved_tensors, ctx.offset), None, None


persistence_cpu.register_autograd(_backward, setup_context=_setup_context)


# A counter of operations does not look inside an operator: 2 per multiply-add, 2 products backward.
@register_flop_formula(torch.ops.mmmotion.persistence_cpu)
def _flops(clip: torch.Size, weight: torch.Size, *_: Any, out_shape: torch.Size) -> int:
    return 2 * out_shape.numel() * weight.numel()


@register_flop_formula(torch.ops.mmmotion.persistence_cpu_backward)
def _backward_flops(grad: torch.Size, *_: Any, out_shape: torch.Size) -> int:
    return 4 * grad.numel() * out_shape.numel()
