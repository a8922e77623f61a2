"""Gradual pooling over time (DCD, section 3.2 and Table 1)."""

import torch
from torch import Tensor

__all__ = ['pool_pairs']


def pool_pairs(maps: Tensor, num_frames: int) -> Tensor:
    """Keep the maximum of every two adjacent frames, and a last odd one.

    Args:
        maps: (N T, C, H, W).
        num_frames: T.

    Returns:
        (N ceil(T / 2), C, H, W).
    """
    pairs = maps.unflatten(0, (-1, num_frames)).split(2, dim=1)
    return torch.stack([pair.amax(1) for pair in pairs], dim=1).flatten(0, 1)
