"""Where time stands among the axes: the only place that moves it.

2D networks and our operators take frames as (N, T, C, H, W), so that the frames of a batch can be
folded without a copy. 3D networks and MMAction2's ``FormatShape`` take clips as (N, C, T, H, W).
"""

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

__all__ = ['adjacent_frames', 'each_frame', 'fold_time', 'to_ncthw', 'to_ntchw', 'unfold_time']


def fold_time(clip: Tensor) -> Tensor:
    """Make the frames of all clips one batch: (N, T, ...) becomes (N * T, ...).

    Args:
        clip: frames or features in time order, (N, T, ...).

    Returns:
        The frames of the first clip, then those of the second, and so on; a view where the memory
        allows one.

    Example:
        >>> import torch
        >>> fold_time(torch.zeros(2, 5, 3, 8, 6)).shape
        torch.Size([10, 3, 8, 6])
    """
    return clip.flatten(0, 1)


def unfold_time(frames: Tensor, num_frames: int) -> Tensor:
    """Undo :func:`fold_time`: (N * T, ...) becomes (N, T, ...).

    Args:
        frames: as :func:`fold_time` returns them, (N * T, ...).
        num_frames: T, which divides their number.

    Returns:
        A view of the frames.

    Example:
        >>> import torch
        >>> unfold_time(torch.zeros(10, 3, 8, 6), 5).shape
        torch.Size([2, 5, 3, 8, 6])
    """
    return frames.view(frames.shape[0] // num_frames, num_frames, *frames.shape[1:])


def each_frame(function: Callable[[Tensor], Tensor], clip: Tensor) -> Tensor:
    """Apply a function of single frames, for example a 2D convolution, to every frame of clips.

    Args:
        function: from (N * T, C, H, W) to (N * T, ...).
        clip: frames or features in time order, (N, T, C, H, W).

    Returns:
        What the function makes of each frame, (N, T, ...).

    Example:
        >>> import torch
        >>> each_frame(torch.nn.Conv2d(3, 4, 1), torch.zeros(2, 5, 3, 8, 6)).shape
        torch.Size([2, 5, 4, 8, 6])
    """
    out = function(clip.flatten(0, 1))  # (N * T, ...)
    return out.view(*clip.shape[:2], *out.shape[1:])


def adjacent_frames(clip: Tensor) -> tuple[Tensor, Tensor]:
    """Make all pairs of a frame and the next one.

    Args:
        clip: frames or features in time order, (N, T, ...).

    Returns:
        The earlier and the later frame of each pair, views, (N, T - 1, ...).

    Example:
        >>> import torch
        >>> adjacent_frames(torch.tensor([[1, 2, 3]]))
        (tensor([[1, 2]]), tensor([[2, 3]]))
    """
    return _AdjacentFrames.apply(clip)  # type: ignore[no-any-return, no-untyped-call]


def to_ncthw(frames: Tensor) -> Tensor:
    """Put channels before time, as 3D networks take clips: a view.

    Args:
        frames: (..., T, C, H, W).

    Returns:
        (..., C, T, H, W).
    """
    return frames.transpose(-4, -3)


def to_ntchw(clip: Tensor) -> Tensor:
    """Put time before channels, as 2D networks and our operators take frames: a view.

    Args:
        clip: (..., C, T, H, W).

    Returns:
        (..., T, C, H, W).
    """
    return clip.transpose(-4, -3)


class _AdjacentFrames(torch.autograd.Function):
    """Slice a clip twice, with one backward pass for both slices.

    Autograd would fill two clips with zeros, copy into each, and add them.
    """

    generate_vmap_rule = True

    @staticmethod
    def forward(clip: Tensor) -> tuple[Tensor, Tensor]:
        return clip[:, :-1], clip[:, 1:]

    @staticmethod
    def setup_context(ctx: Any, inputs: tuple[Tensor], output: tuple[Tensor, Tensor]) -> None:
        pass

    @staticmethod
    def backward(ctx: Any, grad_earlier: Tensor, grad_later: Tensor) -> Tensor:
        num_pairs = grad_earlier.shape[1]
        first = grad_earlier[:, :1]
        last = grad_later[:, num_pairs - 1 :]
        if num_pairs == 1:
            return torch.cat([first, last], dim=1)
        return torch.cat([first, grad_earlier[:, 1:] + grad_later[:, :-1], last], dim=1)
