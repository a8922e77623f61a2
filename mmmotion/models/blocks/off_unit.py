"""The OFF unit: OFF of all maps of one resolution (OFF, section 4.1, Fig. 4).

The paper reduces a map to 128 channels by one convolution for all three gradients; the released
network definition has a path of 128 channels for the difference and one of 32 for the gradients.
"""

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from mmmotion.ops import off, spatial_gradients
from mmmotion.ops.gradients import num_gradients

__all__ = ['OFFUnit']


class OFFUnit(nn.Module):
    """Reduce every map by a 1x1 convolution, and take its OFF.

    Args:
        in_channels: of each map.
        temporal_channels: what a map is reduced to for the difference, behind a ReLU.
        spatial_channels: what it is reduced to for the gradients, without one; None shares the
            former, then without a ReLU, as in the paper.
        kernel: of :func:`mmmotion.ops.spatial_gradients`.
        dropout: of the gradients.
        hypercolumn: whether to hand on the reduced maps of every segment instead (Table 3).

    Attributes:
        out_channels: of all maps together.

    Convention:
        In: maps (N, T, C, H, W). Out: (N, T - 1, out_channels, H, W), for every map its gradients,
        the earlier segment's, and the difference; T segments where ``hypercolumn``.
    """

    def __init__(
        self,
        in_channels: Sequence[int],
        temporal_channels: int = 128,
        spatial_channels: int | None = 32,
        kernel: str = 'printed',
        dropout: float = 0.8,
        hypercolumn: bool = False,
    ) -> None:
        super().__init__()
        self.paths = [temporal_channels] + [spatial_channels] * (spatial_channels is not None)
        self.kernel = kernel
        self.hypercolumn = hypercolumn
        self.reduce = nn.ModuleList(nn.Conv2d(c, sum(self.paths), 1) for c in in_channels)
        self.dropout = nn.Dropout(dropout)
        copies = 1 if hypercolumn else num_gradients(kernel)
        spatial = 0 if hypercolumn and spatial_channels is None else copies * self.paths[-1]
        self.out_channels = len(in_channels) * (temporal_channels + spatial)

    def forward(self, maps: Sequence[Tensor]) -> Tensor:
        pairs = zip(self.reduce, maps, strict=True)
        reduced = [conv(x.flatten(0, 1)).unflatten(0, x.shape[:2]) for conv, x in pairs]
        return torch.cat([part for x in reduced for part in self._represent(x)], dim=2)

    def _represent(self, x: Tensor) -> tuple[Tensor, ...]:
        if self.hypercolumn:
            temporal, *spatial = x.split(self.paths, dim=2)
            return (*spatial, temporal.relu())
        if len(self.paths) == 1:
            *spatial, difference = off(x, kernel=self.kernel)
            spatial = [gradient[:, :-1] for gradient in spatial]
        else:
            temporal, features = x.split(self.paths, dim=2)
            temporal = temporal.relu()
            difference = temporal[:, 1:] - temporal[:, :-1]
            spatial = spatial_gradients(features[:, :-1], kernel=self.kernel)
        return (*(self.dropout(gradient) for gradient in spatial), difference)
