"""Persistence of Appearance on the CPU: matrix products over blocks of rows that stay in cache.

A convolution library fills its vectors with output channels, here 8 of 16 lanes, and rearranges
what it returns. So the pixels fill them: each row of the change is stored once per column of the
filters, shifted, and in this layout the windows of all pixels of a row are a matrix, as a view.
Its product with the filters holds their features. The buffers are small, kept, and used again for
each block, and the features are never stored as a whole: the backward pass computes them anew.

Both passes are registered as operators, since a compiler would unroll the loops over the blocks.
"""

from collections.abc import Iterator
from itertools import product
from math import ceil
from typing import Any

import torch
from torch import Tensor

__all__ = ['persistence_cpu']

_FLOATS_PER_THREAD = 2**19  # of windows: 2 MB in float32, what a core keeps near it


@torch.library.custom_op('mmmotion::persistence_cpu', mutates_args=(), device_types='cpu')
def persistence_cpu(clip: Tensor, weight: Tensor, eps: float, offset: float) -> Tensor:
    """Compute PA, differentiable with respect to ``weight`` only."""
    n, m, _, h, w = clip.shape
    out = clip.new_empty(n, m - 1, h, w)
    for index, features, _ in _feature_blocks(clip, weight, offset):
        torch.sum(features.square_(), 1, out=out[index])
    return out.add_(eps).sqrt_()


@torch.library.custom_op('mmmotion::persistence_cpu_backward', mutates_args=(), device_types='cpu')
def _persistence_backward(
    grad: Tensor, out: Tensor, clip: Tensor, weight: Tensor, offset: float
) -> Tensor:
    scale = grad / out
    total = weight.new_zeros(())
    for index, features, windows in _feature_blocks(clip, weight, offset):
        features *= scale[index].unsqueeze(1)
        total = total + torch.bmm(features, windows.transpose(1, 2)).sum(0)
    f, c, kh, kw = weight.shape
    return total.expand(f, kh * c * kw).view(f, kh, c, kw).transpose(1, 2).contiguous()


def _feature_blocks(
    clip: Tensor, weight: Tensor, offset: float
) -> Iterator[tuple[tuple[int, int, slice], Tensor, Tensor]]:
    """Yield the place of a block of rows in PA, and its changes of features, (rows, F, W).

    Both, and the windows that they come from, are overwritten by the next block.
    """
    filters = weight.transpose(1, 2).flatten(1)
    buffer = None
    for index, windows in _window_blocks(clip, weight.shape[2], weight.shape[3]):
        if buffer is None:
            buffer = clip.new_empty(len(windows), len(filters), clip.shape[4])
        features = buffer[: len(windows)]
        torch.bmm(filters.expand(len(windows), -1, -1), windows, out=features)
        yield index, features.add_(offset) if offset else features, windows


def _window_blocks(
    clip: Tensor, kh: int, kw: int
) -> Iterator[tuple[tuple[int, int, slice], Tensor]]:
    """Yield the place of a block of rows in PA, and its windows, (rows, kh * 3 * kw, W)."""
    n, m, c, h, w = clip.shape
    blocks = ceil(c * kw * w * h / (_FLOATS_PER_THREAD * torch.get_num_threads()))
    step = ceil(h / blocks)
    change = clip.new_zeros(h + kh - 1, c, w + kw - 1)
    inside = change[kh // 2 :, :, kw // 2 :][:h, :, :w].transpose(0, 1)
    shifted = change.unfold(2, w, 1)
    buffer = clip.new_empty(step + kh - 1, c, kw, w)
    for i, t in product(range(n), range(m - 1)):
        torch.sub(clip[i, t + 1], clip[i, t], out=inside)
        for top in range(0, h, step):
            rows = shifted[top : top + step + kh - 1]
            rows = buffer[: len(rows)].copy_(rows).flatten(0, 2)
            windows = rows.unfold(0, kh * c * kw, c * kw).transpose(1, 2)
            yield (i, t, slice(top, top + step)), windows


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
