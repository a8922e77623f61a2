"""A cure for 3D convolutions in bfloat16 on a CPU, of clips that are shorter than their filters."""

import torch
from torch import Tensor, nn
from torch.nn import functional as F

__all__ = ['pad_short_clips']


def pad_short_clips() -> None:
    """Let 3D convolutions pad a short clip in time beforehand, where their gradients are lost.

    Symptom: the loss becomes NaN within some steps, or the process ends in ``free(): invalid next
    size``. Cause: in bfloat16 on a CPU with AVX-512, the gradient of a filter that reaches over
    both ends of a padded clip, T < kernel, is memory that oneDNN never wrote, and it may write
    elsewhere: 2 frames with a kernel of 3, as in the last stages of a 3D ResNet (torch 2.13).
    Without padding it is right, so the zeros are put there before.
    """
    if not hasattr(nn.Conv3d.forward, 'known'):
        _forward.known = nn.Conv3d.forward
        nn.Conv3d.forward = _forward


def _forward(conv: nn.Conv3d, x: Tensor) -> Tensor:
    if not _is_too_short(conv, x):
        return _forward.known(conv, x)
    in_time, *in_space = conv.padding
    padded = F.pad(x, (0, 0, 0, 0, in_time, in_time))  # width, height, time
    padding = (0, *in_space)
    return F.conv3d(
        padded, conv.weight, conv.bias, conv.stride, padding, conv.dilation, conv.groups
    )


def _is_too_short(conv: nn.Conv3d, x: Tensor) -> bool:
    """Return whether a filter reaches over both ends of a padded clip, in bfloat16 on a CPU."""
    if x.device.type != 'cpu':
        return False
    if conv.padding_mode != 'zeros' or isinstance(conv.padding, str) or conv.padding[0] == 0:
        return False
    dtypes = [x.dtype]
    if torch.is_autocast_enabled('cpu'):
        dtypes.append(torch.get_autocast_dtype('cpu'))
    if torch.bfloat16 not in dtypes:
        return False
    dilation = conv.dilation[0]
    length = conv.kernel_size[0]
    reach = dilation * (length - 1) + 1
    num_frames = x.shape[-3]
    return num_frames < reach
