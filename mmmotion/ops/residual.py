"""Residual frames: the change from a frame to the next, as the input of a 3D network.

Rethinking Motion Representation: Residual Frames with 3D ConvNets for Better Action Recognition,
section 3.1.
"""

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from mmmotion.ops._checks import check_frames
from mmmotion.ops.shapes import adjacent_frames

__all__ = ['ResidualFrames', 'residual_frames']

# Types in which a difference of two values of frames fits; uint8 alone cannot hold its sign.
INTEGERS = (torch.uint8, torch.int16, torch.int32, torch.int64)
# Types with numbers so small that a loss with such a threshold is the absolute value.
ONE_PASS = (torch.float32, torch.float64, torch.bfloat16)


def residual_frames(clip: Tensor, *, signed: bool = False) -> Tensor:
    r"""Subtract every frame from the next: T + 1 frames give T residual frames.

    .. math:: ResFrame_t = |Frame_t - Frame_{t+1}|

    Equation 1; there is no residual of the last frame and the first. The gradient is 0 where
    nothing moves.

    Args:
        clip: frames in time order, of any range, (N, T + 1, C, H, W) with T >= 1; C is 3 for RGB.
        signed: whether to keep the sign that the paper drops.

    Returns:
        Residual frames, (N, T, C, H, W), in the type of ``clip``, in which also uint8 is exact:
        absolute residuals of 0..255 are in 0..255. Signed ones of uint8 are in -255..255, so they
        are int16. Wider integers must be far enough from their limits for a difference.

    Raises:
        TypeError: if the clip is no tensor, or of a type without exact differences.
        ValueError: if its shape is another, or it has one frame only.

    Convention:
        Residual t compares the frames t and t + 1; signed, it is later minus earlier.

    Example:
        >>> clip = torch.tensor([200, 10], dtype=torch.uint8).view(1, 2, 1, 1, 1)
        >>> residual_frames(clip).flatten(), residual_frames(clip, signed=True).flatten()
        (tensor([190], dtype=torch.uint8), tensor([-190], dtype=torch.int16))
    """
    _check_clip(clip)
    earlier, later = adjacent_frames(clip)
    if clip.dtype == torch.uint8:
        return _subtract_uint8(earlier, later, signed)
    if signed:
        return later - earlier
    if clip.dtype in ONE_PASS:
        return _subtract_in_one_pass(earlier, later)
    change = later - earlier
    # In place where nothing needs the sign any more: no second clip in memory.
    return change.abs() if change.requires_grad else change.abs_()


class ResidualFrames(nn.Module):
    """Module of :func:`residual_frames`, without parameters.

    Args:
        signed: as in the function.
    """

    def __init__(self, signed: bool = False) -> None:
        super().__init__()
        self.signed = signed

    def forward(self, clip: Tensor) -> Tensor:
        """Map clips, (N, T + 1, C, H, W), to their residual frames, (N, T, C, H, W)."""
        return residual_frames(clip, signed=self.signed)

    def extra_repr(self) -> str:
        """Return the settings."""
        return f'signed={self.signed}'


def _subtract_in_one_pass(earlier: Tensor, later: Tensor) -> Tensor:
    # Where a difference is not below beta, this loss is its absolute value minus half of beta,
    # which is too small to change it. It is one kernel that keeps nothing but the clip for the
    # backward pass; a subtraction and `abs`, of which `l1_loss` is made too, are two, and keep the
    # difference.
    beta = torch.finfo(later.dtype).tiny
    change = F.smooth_l1_loss(later, earlier, reduction='none', beta=beta)
    return change.to(later.dtype)  # autocast makes it float32


def _subtract_uint8(earlier: Tensor, later: Tensor, signed: bool) -> Tensor:
    if signed:
        return later.to(torch.int16).sub_(earlier)
    # Larger minus smaller never goes below 0, where uint8 would wrap round.
    larger = torch.maximum(earlier, later)
    smaller = torch.minimum(earlier, later)
    return larger.sub_(smaller)


def _check_clip(clip: Tensor) -> None:
    if not isinstance(clip, Tensor):
        raise TypeError(f'clip: expected a tensor, got {type(clip).__name__}')
    if not (clip.is_floating_point() or clip.dtype in INTEGERS):
        raise TypeError(
            f'clip: expected a floating-point type, uint8, int16, int32 or int64, got {clip.dtype}'
        )
    check_frames('clip', clip, ('N', 'T + 1', 'C', 'H', 'W'))
