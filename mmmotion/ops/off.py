"""Optical Flow Guided Feature (OFF): gradients of features in space and in time.

Optical Flow Guided Feature, section 3 and equations 5 to 7.
"""

from typing import Any

import torch
from torch import Tensor, nn

from mmmotion.ops._checks import check_float, check_frames
from mmmotion.ops.gradients import (
    check_kernel,
    gradients_of_maps,
    gradients_transposed,
    sliced_gradients,
)
from mmmotion.ops.shapes import adjacent_frames

__all__ = ['Off', 'off']


def off(x: Tensor, *, kernel: str = 'printed') -> tuple[Tensor, ...]:
    r"""Take the gradients of features along columns, rows and time.

    .. math:: F_x = k_x \star f_t, \quad F_y = k_y \star f_t, \quad F_t = f_{t+1} - f_t

    Equations 5 to 7. OFF is orthogonal to the flow of a feature that moves a little (eq. 4):
    with gradients per pixel, ``F_x v_x + F_y v_y + F_t = 0``.

    Args:
        x: features of segments, or pixels, of any range, in time order, (N, T, C, H, W) with
            T >= 2; the time between two must be constant (section 4.2).
        kernel: as of :func:`spatial_gradients`: ``'printed'``, ``'sobel'`` or ``'released'``.

    Returns:
        ``(fx, fy, ft)``: fx and fy, (N, T, C, H, W), and ft, (N, T - 1, C, H, W). With
        ``'released'``, ``(f, ft)``: one gradient along the diagonal.

    Raises:
        TypeError: if the features are no floating-point tensor.
        ValueError: if there is no such kernel, the shape is another, or T is 1.

    Convention:
        A difference is later minus earlier. Gradients as in :func:`spatial_gradients`; those of the
        pair t are the earlier frame's, ``fx[:, t]``.

    Example:
        >>> x = torch.arange(5.0).expand(1, 2, 1, 3, 5).clone()
        >>> x[:, 1] += 0.5
        >>> fx, fy, ft = off(x)
        >>> fx[0, 0, 0, 1, 2], fy[0, 0, 0, 1, 2], ft[0, 0, 0, 1, 2]
        (tensor(6.), tensor(0.), tensor(0.5000))
    """
    check_kernel(kernel)
    check_float('x', x)
    check_frames('x', x, ('N', 'T', 'C', 'H', 'W'))
    if torch.compiler.is_compiling():  # a compiler fuses slices; other runtimes know them, too
        earlier, later = adjacent_frames(x)
        return (*sliced_gradients(x, kernel), later - earlier)
    features: tuple[Tensor, ...] = _Off.apply(x, kernel)  # type: ignore[no-untyped-call]
    return features


class Off(nn.Module):
    """Module of :func:`off`, without parameters: all of a pair's gradients side by side.

    Args:
        kernel: as in the function.
    """

    def __init__(self, kernel: str = 'printed') -> None:
        super().__init__()
        check_kernel(kernel)
        self.kernel = kernel

    def forward(self, x: Tensor) -> Tensor:
        """Map features (N, T, C, H, W) to fx, fy and ft of every pair, (N, T - 1, 3 C, H, W)."""
        *spatial, temporal = off(x, kernel=self.kernel)
        features = [gradient[:, :-1] for gradient in spatial]  # of the earlier frame of each pair
        features.append(temporal)
        return torch.cat(features, dim=2)

    def extra_repr(self) -> str:
        """Return the settings."""
        return f'kernel={self.kernel}'


class _Off(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, x: Tensor, kernel: str) -> tuple[Tensor, ...]:
        ctx.kernel = kernel
        earlier, later = adjacent_frames(x)
        return (*gradients_of_maps(x, kernel), later - earlier)

    @staticmethod
    def backward(ctx: Any, *grads: Tensor) -> tuple[Tensor, None]:
        return _OffAdjoint.apply(ctx.kernel, *grads), None  # type: ignore[no-untyped-call]


class _OffAdjoint(torch.autograd.Function):
    """Autograd would pad the gradients of both slices with zeros, and add them up."""

    @staticmethod
    def forward(ctx: Any, kernel: str, *grads: Tensor) -> Tensor:
        ctx.kernel = kernel
        *spatial, temporal = grads
        out = gradients_transposed(tuple(spatial), kernel)
        earlier, later = adjacent_frames(out)  # views: both are changed in place
        later += temporal
        earlier -= temporal
        return out

    @staticmethod
    def backward(ctx: Any, grad: Tensor) -> tuple[Tensor | None, ...]:
        return None, *_Off.apply(grad, ctx.kernel)  # type: ignore[no-untyped-call]
