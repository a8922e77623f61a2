"""Temporal shift: some channels of a segment come from its neighbours.

TSM: Temporal Shift Module for Efficient Video Understanding, the bidirectional shift.
"""

from typing import Any

import torch
from torch import Tensor

from mmmotion.ops._checks import check_float, check_shape
from mmmotion.ops.shapes import unfold_time

__all__ = ['temporal_shift']


def temporal_shift(x: Tensor, num_segments: int, shift_div: int = 8) -> Tensor:
    """Shift a part of the channels in time; zeros come in at the ends.

    The arguments are those of MMAction2's ``TemporalShift.shift``, and so are the values. Here it
    is one copy and two slices, its gradient is the opposite shift, and channels last stay last:
    the copies between the two orders are what costs MMAction2's way most.

    Args:
        x: features, segments of a clip in time order, (N * num_segments, C, H, W).
        num_segments: segments of a clip.
        shift_div: a part is C // shift_div channels.

    Returns:
        Like ``x``.

    Raises:
        TypeError: if the features are no floating-point tensor.
        ValueError: if their shape is another, or the segments do not make whole clips.

    Convention:
        The first part comes from the next segment, the second from the previous one.

    Example:
        >>> temporal_shift(torch.arange(1.0, 9).view(2, 4, 1, 1), 2, 4).flatten(1)
        tensor([[5., 0., 3., 4.],
                [0., 2., 7., 8.]])
    """
    check_float('x', x)
    check_shape('x', x, ('N', 'C', 'H', 'W'))
    if x.shape[0] % num_segments:
        raise ValueError(
            f'x: expected a multiple of num_segments={num_segments} maps, got {tuple(x.shape)}'
        )
    return _apply(x, num_segments, x.shape[1] // shift_div, False)


class _Shift(torch.autograd.Function):
    """The first ``fold`` channels go one segment back, the next ``fold`` forth; or the reverse."""

    @staticmethod
    def forward(ctx: Any, x: Tensor, num_segments: int, fold: int, reverse: bool = False) -> Tensor:
        ctx.num_segments = num_segments
        ctx.fold = fold
        ctx.reverse = reverse
        back = slice(fold)
        forth = slice(fold, 2 * fold)
        if reverse:
            back, forth = forth, back
        out = x.clone()
        old = unfold_time(x, num_segments)  # (N, num_segments, C, H, W)
        new = unfold_time(out, num_segments)
        new[:, :-1, back] = old[:, 1:, back]
        new[:, -1, back] = 0
        new[:, 1:, forth] = old[:, :-1, forth]
        new[:, 0, forth] = 0
        return out

    @staticmethod
    def backward(ctx: Any, *grads: Tensor) -> tuple[Tensor, None, None, None]:
        # The gradient of a shift is the opposite shift.
        grad = _apply(grads[0], ctx.num_segments, ctx.fold, not ctx.reverse)
        return grad, None, None, None


def _apply(x: Tensor, num_segments: int, fold: int, reverse: bool) -> Tensor:
    out: Tensor = _Shift.apply(x, num_segments, fold, reverse)  # type: ignore[no-untyped-call]
    return out
