"""The OFF sub-network: OFF units at levels of falling resolution, residual blocks between them.

Optical Flow Guided Feature, section 4.1, Fig. 3; widths, kernels and initialisation are those of
the released network definition, of which the paper says that it is a ResNet-20 without batch norm.
"""

from collections.abc import Sequence

import torch
from mmengine.model import BaseModule
from torch import Tensor, nn

from mmmotion.models.blocks.off_unit import OFFUnit
from mmmotion.registry import MODELS

__all__ = ['RELEASED_LEVELS', 'OFFSubnetwork']

# The last convolution of the second level is a 3x3 one. Nothing says why.
RELEASED_LEVELS = (
    dict(width=64, kernel_size=7, num_blocks=3, max_pool=True),
    dict(width=128, kernel_size=5, num_blocks=2, last_kernel_size=3),
    dict(width=256, kernel_size=3, num_blocks=1),
)
EXPANSION = 4
BIAS = 0.2


@MODELS.register_module()
class OFFSubnetwork(BaseModule):
    """Refine the OFF of maps, level by level; a neck of ``OFFRecognizer`` or ``Recognizer2D``.

    Maps of one stride make a level. Each has an OFF unit, whose output is fused with that of the
    level before, a convolution and bottlenecks.

    Args:
        in_channels (Sequence[int], optional): of each map; ``OFFRecognizer`` asks the backbone.
        strides (Sequence[int], optional): of each map, in rising order; likewise.
        levels (Sequence[dict]): of each level ``width`` and ``kernel_size`` of the convolution that
            fuses, ``num_blocks`` of four times this width; if wanted ``max_pool``, 3x3 by 2, before
            the classifier, and ``last_kernel_size`` of the last block.
        test_segments (int, optional): segments of a view in testing, where several views come;
            None: all are of one.
        unit (dict, optional): arguments of :class:`OFFUnit` that differ from its defaults.

    Attributes:
        out_channels (tuple[int, ...]): of each level's feature.

    Convention:
        As a neck of MMAction2, in: maps (N, C, T, H, W). Out: the mean feature over the segments of
        the last map and of all levels, one behind the other, (N, D, 1), and no losses.
    """

    def __init__(
        self,
        in_channels: Sequence[int] = (),
        strides: Sequence[int] = (),
        levels: Sequence[dict] = RELEASED_LEVELS,
        test_segments: int | None = None,
        unit: dict | None = None,
        init_cfg: dict | None = None,
    ) -> None:
        super().__init__(init_cfg=init_cfg)
        strides_of_levels = _check_levels(in_channels, strides, levels)
        self.test_segments = test_segments
        self.levels = nn.ModuleList()
        channels = 0
        for i, (stride, level) in enumerate(zip(strides_of_levels, levels, strict=True)):
            maps = [c for c, s in zip(in_channels, strides, strict=True) if s == stride]
            following = [*strides_of_levels[i + 1 :], stride][0]
            step = dict(stride=following // stride, final=i + 1 == len(levels))
            self.levels.append(_Level(OFFUnit(maps, **(unit or {})), channels, **step, **level))
            channels = self.levels[-1].out_channels
        self.out_channels = tuple(level.out_channels for level in self.levels)
        self.apply(_fill)

    def forward(self, x: Sequence[Tensor], data_samples: list | None = None) -> tuple[Tensor, dict]:
        maps = [m.transpose(1, 2) for m in x]
        return self.embed(maps, maps[-1]).unsqueeze(2), {}

    def embed(self, maps: Sequence[Tensor], last: Tensor) -> Tensor:
        """Return what is classified.

        Args:
            maps: (N, views * T, C, H, W) each, in the order of ``in_channels``.
            last: the last map of the feature network, likewise.

        Returns:
            (N * views, D): the mean feature of ``last``, then that of each level.
        """
        maps, last = [self._by_view(m) for m in maps], self._by_view(last)
        _check_maps(maps)
        features, out = [last.mean((1, 3, 4))], None
        for level in self.levels:
            count = len(level.unit.reduce)
            (out, feature), maps = level(maps[:count], out), maps[count:]
            features.append(feature.unflatten(0, (len(last), -1)).mean(1))
        return torch.cat(features, dim=1)

    def _by_view(self, x: Tensor) -> Tensor:
        if self.training or self.test_segments is None:
            return x
        if x.shape[1] % self.test_segments:
            raise ValueError(
                f'test_segments: expected views of {self.test_segments} segments each, '
                f'got {x.shape[1]} segments'
            )
        return x.reshape(-1, self.test_segments, *x.shape[2:])


class _Level(nn.Module):
    """An OFF unit, the convolution that fuses it with the level before, and bottlenecks."""

    def __init__(
        self,
        unit: OFFUnit,
        in_channels: int,
        stride: int,
        final: bool,
        width: int,
        kernel_size: int,
        num_blocks: int,
        last_kernel_size: int = 1,
        max_pool: bool = False,
    ) -> None:
        super().__init__()
        self.unit = unit
        self.in_channels = unit.out_channels + in_channels
        self.out_channels = EXPANSION * width
        padding = kernel_size // 2
        self.fuse = nn.Conv2d(self.in_channels, width, kernel_size, stride, padding)
        *before_last, last = [width, *[self.out_channels] * (num_blocks - 1)]
        self.blocks = nn.Sequential(
            *(_Bottleneck(channels, width) for channels in before_last),
            _Bottleneck(last, width, last_kernel_size, relu=not final),
        )
        self.pool = nn.MaxPool2d(3, stride=2, ceil_mode=True) if max_pool else nn.Identity()

    def forward(self, maps: Sequence[Tensor], before: Tensor | None) -> tuple[Tensor, Tensor]:
        """Return the refined OFF of every pair, (N * pairs, D, H', W'), and its mean, (., D)."""
        x = self.unit(maps).flatten(0, 1)
        x = x if before is None else torch.cat([x, _check_size(before, x)], dim=1)
        x = self.blocks(self.fuse(x).relu_())
        return x, self.pool(x).mean((2, 3))


class _Bottleneck(nn.Module):
    """A residual block without batch norm."""

    def __init__(
        self, in_channels: int, width: int, kernel_size: int = 1, relu: bool = True
    ) -> None:
        super().__init__()
        channels = EXPANSION * width
        self.body = nn.Sequential(
            nn.Conv2d(in_channels, width, 1),
            nn.ReLU(inplace=True),
            nn.Conv2d(width, width, 3, padding=1),
            nn.ReLU(inplace=True),
            nn.Conv2d(width, channels, kernel_size, padding=kernel_size // 2),
        )
        same = in_channels == channels
        self.shortcut = nn.Identity() if same else nn.Conv2d(in_channels, channels, 1)
        self.relu = nn.ReLU(inplace=True) if relu else nn.Identity()

    def forward(self, x: Tensor) -> Tensor:
        return self.relu(self.body(x) + self.shortcut(x))


def _fill(module: nn.Module) -> None:
    if isinstance(module, nn.Conv2d):
        nn.init.kaiming_normal_(module.weight, nonlinearity='relu')
        nn.init.constant_(module.bias, BIAS)


def _check_levels(
    in_channels: Sequence[int], strides: Sequence[int], levels: Sequence[dict]
) -> list[int]:
    """Return the stride of each level."""
    if not strides or len(in_channels) != len(strides) or list(strides) != sorted(strides):
        raise ValueError(
            'strides: expected one for each map of in_channels, in rising order, '
            f'got strides {tuple(strides)} of channels {tuple(in_channels)}'
        )
    found = sorted(set(strides))
    if len(found) != len(levels):
        raise ValueError(
            f'levels: expected one for each of the strides {", ".join(map(str, found))}, '
            f'got {len(levels)} levels'
        )
    return found


def _check_maps(maps: Sequence[Tensor]) -> None:
    counts = {tuple(m.shape[:2]) for m in maps}
    if len(counts) > 1:
        raise ValueError(
            'maps: expected as many clips and segments at every level, '
            f'got {", ".join(map(str, sorted(counts)))}'
        )
    if maps[0].shape[1] < 2:
        raise ValueError(
            f'maps: expected at least 2 segments to take OFF of, got {maps[0].shape[1]}'
        )


def _check_size(before: Tensor, x: Tensor) -> Tensor:
    if before.shape[2:] != x.shape[2:]:
        raise ValueError(
            f'maps: expected a level of {tuple(before.shape[2:])} after the one before it, '
            f'got {tuple(x.shape[2:])}'
        )
    return before
