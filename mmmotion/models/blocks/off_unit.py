"""The OFF unit: OFF of all maps of one resolution (OFF, section 4.1, Fig. 4).

The paper reduces a map to 128 channels by one convolution for all three gradients; the released
network definition has a path of 128 channels for the difference and one of 32 for the gradients.
"""

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from mmmotion.ops import off, spatial_gradients
from mmmotion.ops.gradients import num_gradients
from mmmotion.ops.shapes import adjacent_frames, each_frame

__all__ = ['OFFUnit']


class OFFUnit(nn.Module):
    """Reduce every map by a 1x1 convolution, and take its OFF.

    Args:
        in_channels: of each map.
        temporal_channels: channels a map is reduced to for the difference, after a ReLU.
        spatial_channels: channels it is reduced to for the gradients, without a ReLU; None takes
            them of the same channels as the difference, all without a ReLU, as in the paper.
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
        self.temporal_channels = temporal_channels
        self.spatial_channels = spatial_channels
        self.kernel = kernel
        self.hypercolumn = hypercolumn
        if spatial_channels is None:
            reduced = temporal_channels
            differentiated = temporal_channels
        else:
            reduced = temporal_channels + spatial_channels
            differentiated = spatial_channels
        self.reduce = nn.ModuleList(nn.Conv2d(c, reduced, 1) for c in in_channels)
        self.dropout = nn.Dropout(dropout)
        if hypercolumn:
            channels = reduced
        else:
            channels = temporal_channels + num_gradients(kernel) * differentiated
        self.out_channels = len(in_channels) * channels

    def forward(self, maps: Sequence[Tensor]) -> Tensor:
        represented = []
        for conv, x in zip(self.reduce, maps, strict=True):
            represented.extend(self._represent(each_frame(conv, x)))
        return torch.cat(represented, dim=2)

    def _represent(self, x: Tensor) -> list[Tensor]:
        if self.spatial_channels is None:
            if self.hypercolumn:
                return [x.relu()]
            *gradients, difference = off(x, kernel=self.kernel)
            # The last segment has no difference, so that its gradients are left out.
            spatial = [gradient[:, :-1] for gradient in gradients]
        else:
            temporal, features = x.split([self.temporal_channels, self.spatial_channels], dim=2)
            temporal = temporal.relu()
            if self.hypercolumn:
                return [features, temporal]
            earlier, later = adjacent_frames(temporal)
            difference = later - earlier
            spatial = spatial_gradients(features[:, :-1], kernel=self.kernel)
        dropped = [self.dropout(gradient) for gradient in spatial]
        return [*dropped, difference]
