"""Features scaled to the range that the weights of TV-L1 are for.

Representation Flow for Action Recognition, section 3.2.
"""

import torch
from torch import Tensor

from mmmotion.ops._checks import check_float, check_shape

__all__ = ['scale_features']

NARROWEST = 1e-6  # range of features that can be scaled


def scale_features(clip: Tensor, *, peak: float = 255.0) -> Tensor:
    """Scale every clip to 0..``peak``, whatever it is batched with.

    Section 3.2: the weights of TV-L1 are for such values, where features are about 0.5.

    Args:
        clip: features of any range, (N, T, C, H, W).
        peak: the greatest value.

    Returns:
        Like ``clip``, in float32 at least. The least value of a clip is 0, its greatest ``peak``; a
        constant clip is 0 and has no gradient.

    Raises:
        TypeError: if the clip is no floating-point tensor.
        ValueError: if its shape is another.

    Example:
        >>> scale_features(torch.tensor([2.0, 4.0, 6.0]).view(1, 3, 1, 1, 1)).flatten()
        tensor([  0.0000, 127.5000, 255.0000])
    """
    check_float('clip', clip)
    check_shape('clip', clip, ('N', 'T', 'C', 'H', 'W'))
    clip = clip.to(torch.promote_types(clip.dtype, torch.float32))
    low, high = clip.flatten(1).aminmax(dim=1)  # (N,)
    width = high - low
    scale = torch.where(width < NARROWEST, 0, peak / width.clamp_min(NARROWEST))
    each_clip = (-1, 1, 1, 1, 1)
    return (clip - low.view(each_clip)) * scale.view(each_clip)
