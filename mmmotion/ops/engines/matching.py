"""What the cost volume and the displacement map share: what is matched with what."""

from collections.abc import Iterator
from typing import Any, NamedTuple

import torch
from torch import Tensor
from torch.nn import functional as F

from mmmotion.ops._checks import check_choice, check_float, check_shape

__all__ = ['Window', 'make_window', 'match', 'unit_vectors']

# A vector shorter than this has no direction. Shorter ones' gradient would only be noise.
SHORTEST = 1e-6


class Window(NamedTuple):
    """The candidates of a position: how many steps it reaches each way.

    Args:
        reach_y: steps up and down.
        reach_x: steps to the left and to the right.
        stride: rows or columns from a position to the next.
        dilation: rows or columns of a step.
    """

    reach_y: int
    reach_x: int
    stride: int = 1
    dilation: int = 1

    def pad(self, maps: Tensor) -> Tensor:
        """Surround maps by zeros, as far as the window reaches."""
        x = self.reach_x * self.dilation
        y = self.reach_y * self.dilation
        return F.pad(maps, (x, x, y, y))

    def crop(self, padded: Tensor) -> Tensor:
        """Undo :meth:`pad`."""
        x = self.reach_x * self.dilation
        y = self.reach_y * self.dilation
        height, width = padded.shape[2:]
        return padded[..., y : height - y, x : width - x]

    def candidates(self, padded: Tensor) -> Iterator[tuple[tuple[int, int], Tensor]]:
        """Walk through the window in reading order.

        Args:
            padded: maps as :meth:`pad` returns them, (N, C, H', W').

        Yields:
            An offset (dx, dy), and what every position finds there, a view, (N, C, H, W).
        """
        last_x = 2 * self.reach_x * self.dilation
        last_y = 2 * self.reach_y * self.dilation
        height = padded.shape[2] - last_y
        width = padded.shape[3] - last_x
        for y in range(0, last_y + 1, self.dilation):
            for x in range(0, last_x + 1, self.dilation):
                rows = slice(y, y + height, self.stride)
                columns = slice(x, x + width, self.stride)
                offset = x - last_x // 2, y - last_y // 2
                yield offset, padded[:, :, rows, columns]


def make_window(
    f1: Tensor,
    f2: Tensor,
    max_displacement: int | tuple[int, int],
    stride: int,
    dilation: int,
    similarity: str,
) -> Window:
    """Check the arguments of :func:`~mmmotion.ops.cost_volume`, and make their window.

    Raises:
        TypeError: if a map is no floating-point tensor.
        ValueError: if the maps cannot be matched, or a setting is out of its range.
    """
    check_float('f1', f1)
    check_float('f2', f2)
    check_shape('f1', f1, ('N', 'C', 'H', 'W'))
    check_shape('f2', f2, tuple(f1.shape))
    check_choice('similarity', similarity, ('cosine', 'dot'))
    if min(stride, dilation) < 1:
        raise ValueError(f'stride, dilation: expected at least 1, got {stride} and {dilation}')
    if isinstance(max_displacement, int):
        max_displacement = max_displacement, max_displacement
    reach_y, reach_x = max_displacement
    if min(reach_y, reach_x) < 0:
        raise ValueError(f'max_displacement: expected at least 0, got ({reach_y}, {reach_x})')
    height, width = f1.shape[2:]
    if reach_y * dilation >= height or reach_x * dilation >= width:
        raise ValueError(
            f'max_displacement: expected less than the size of the maps, got ({reach_y}, '
            f'{reach_x}) in steps of {dilation} for the shape {tuple(f1.shape)}'
        )
    return Window(reach_y, reach_x, stride, dilation)


def match(f1: Tensor, f2: Tensor, window: Window, similarity: str) -> tuple[Tensor, Tensor]:
    """Make two maps whose dot products are the similarities.

    Args:
        f1: the earlier maps, (N, C, H, W).
        f2: the later maps, (N, C, H, W).
        window: tells which positions of ``f1`` are matched.
        similarity: ``'cosine'`` or ``'dot'``.

    Returns:
        The queries q, of the positions that look for their match, and the keys k, of the candidates
        among which they do, both in float32 at least.
    """
    f1 = f1[:, :, :: window.stride, :: window.stride]
    q = f1.to(torch.promote_types(f1.dtype, torch.float32))
    k = f2.to(torch.promote_types(f2.dtype, torch.float32))
    if similarity == 'cosine':
        q = unit_vectors(q)
        k = unit_vectors(k)
    return q, k


def unit_vectors(features: Tensor) -> Tensor:
    """Scale the vectors of a map to length 1.

    Args:
        features: a vector for each position, (N, C, H, W).

    Returns:
        Like ``features``. A vector shorter than 1e-6 becomes 0, and has no gradient.
    """
    unit: Tensor
    unit, _ = _UnitVectors.apply(features)  # type: ignore[no-untyped-call]
    return unit


class _UnitVectors(torch.autograd.Function):
    """Unit vectors u of vectors x, and the scale s of each: u = s x.

    Autograd would pass over the map once for each step of the length. With all steps in one,
    dL/dx = s (dL/du - u (u . dL/du + s dL/ds)).
    """

    generate_vmap_rule = True

    @staticmethod
    def forward(features: Tensor) -> tuple[Tensor, Tensor]:
        square = features.square().sum(1, keepdim=True)
        length = square.clamp(min=SHORTEST**2).sqrt()  # (N, 1, H, W)
        scale = torch.where(length > SHORTEST, 1 / length, 0)
        return features * scale, scale

    @staticmethod
    def setup_context(ctx: Any, inputs: tuple[Tensor], output: tuple[Tensor, Tensor]) -> None:
        ctx.save_for_backward(*output)  # outputs, so that the backward pass can be differentiated

    @staticmethod
    def backward(ctx: Any, grad: Tensor, grad_scale: Tensor) -> Tensor:
        unit, scale = ctx.saved_tensors
        along = (grad * unit).sum(1, keepdim=True) + scale * grad_scale
        across = torch.addcmul(grad, unit, along, value=-1)
        scaled: Tensor = across * scale
        return scaled
