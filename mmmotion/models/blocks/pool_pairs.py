"""Gradual pooling over time (DCD, section 3.2 and Table 1)."""

import torch
from torch import Tensor, nn

from mmmotion.registry import MODELS

__all__ = ['PoolPairs']


@MODELS.register_module()
class PoolPairs(nn.Module):
    """Max-pool every two adjacent frames, a last odd one alone; a plugin.

    Convention:
        In: clips (N, T, C, H, W). Out: (N, ceil(T / 2), C, H, W).
    """

    def forward(self, clips: Tensor) -> Tensor:
        pairs = clips.split(2, dim=1)
        return torch.stack([pair.amax(1) for pair in pairs], dim=1)
