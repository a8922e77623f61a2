"""What the cost volume and the displacement map share: what is matched with what."""

from collections.abc import Iterator
from typing import NamedTuple

import torch
from torch import Tensor
from torch.nn import functional as F

from mmmotion.ops._checks import check_float, check_shape

__all__ = ['Window', 'check_pair', 'match', 'unit_vectors']

# A vector shorter than this has no direction. Shorter ones' gradient would only be noise.
SHORTEST = 1e-6


class Window(NamedTuple):
    """The candidates of a position: up to ``dh`` rows and ``dw`` columns of steps each way."""

    dh: int
    dw: int
    stride: int = 1
    dilation: int = 1

    def pad(self, maps: Tensor) -> Tensor:
        """Surround maps by zeros, as far as the window reaches."""
        x, y = self.dw * self.dilation, self.dh * self.dilation
        return F.pad(maps, (x, x, y, y))

    def crop(self, padded: Tensor) -> Tensor:
        """Undo :meth:`pad`."""
        x, y = self.dw * self.dilation, self.dh * self.dilation
        return padded[..., y : padded.shape[2] - y, x : padded.shape[3] - x]

    def candidates(self, padded: Tensor) -> Iterator[tuple[tuple[int, int], Tensor]]:
        """Yield (dx, dy) and what every position finds there, a view, in reading order."""
        h = padded.shape[2] - 2 * self.dh * self.dilation
        w = padded.shape[3] - 2 * self.dw * self.dilation
        for y in range(0, (2 * self.dh + 1) * self.dilation, self.dilation):
            for x in range(0, (2 * self.dw + 1) * self.dilation, self.dilation):
                found = padded[:, :, y : y + h : self.stride, x : x + w : self.stride]
                yield (x - self.dw * self.dilation, y - self.dh * self.dilation), found


def check_pair(
    f1: Tensor,
    f2: Tensor,
    max_displacement: int | tuple[int, int],
    stride: int,
    dilation: int,
    similarity: str,
) -> Window:
    """Return the window of two maps that can be matched; raise otherwise."""
    check_float('f1', f1)
    check_float('f2', f2)
    check_shape('f1', f1, ('N', 'C', 'H', 'W'))
    check_shape('f2', f2, tuple(f1.shape))
    if similarity not in ('cosine', 'dot'):
        raise ValueError(f"similarity must be 'cosine' or 'dot', got {similarity!r}.")
    if min(stride, dilation) < 1:
        raise ValueError(f'stride and dilation must be at least 1, got {stride} and {dilation}.')
    if isinstance(max_displacement, int):
        max_displacement = max_displacement, max_displacement
    dh, dw = max_displacement
    _check_reach(dh, dw, dilation, tuple(f1.shape))
    return Window(dh, dw, stride, dilation)


def match(f1: Tensor, f2: Tensor, window: Window, similarity: str) -> tuple[Tensor, Tensor]:
    """Return two maps whose dot products are the similarities, in float32 at least."""
    f1 = f1[:, :, :: window.stride, :: window.stride]
    f1, f2 = (x.to(torch.promote_types(x.dtype, torch.float32)) for x in (f1, f2))
    return (unit_vectors(f1), unit_vectors(f2)) if similarity == 'cosine' else (f1, f2)


def unit_vectors(features: Tensor) -> Tensor:
    """Scale the vectors of a map to length 1; those without a direction become 0.

    Their gradient is 0, too.
    """
    length = features.square().sum(1, keepdim=True).clamp(min=SHORTEST**2).sqrt()
    return features * torch.where(length > SHORTEST, 1 / length, 0)


def _check_reach(dh: int, dw: int, dilation: int, shape: tuple[int, ...]) -> None:
    if min(dh, dw) < 0:
        raise ValueError(f'max_displacement must be at least 0, got ({dh}, {dw}).')
    if dh * dilation >= shape[2] or dw * dilation >= shape[3]:
        raise ValueError(
            f'max_displacement must stay below the size of the maps, got ({dh}, {dw}) in steps of '
            f'{dilation} for the shape {shape}.'
        )
