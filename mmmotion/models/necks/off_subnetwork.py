"""The OFF sub-network: OFF units at levels of falling resolution, residual blocks between them.

Optical Flow Guided Feature, section 4.1, Fig. 3; channels, kernels and initialisation are those of
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
    """Refine the OFF of maps, level by level; the neck of an ``OFFRecognizer``.

    Maps of one stride make a level. Each has an OFF unit, whose output is fused with that of the
    level before, a convolution and bottlenecks.

    Args:
        in_channels (Sequence[int]): of each map; ``OFFRecognizer`` asks the backbone.
        strides (Sequence[int]): of each map, in rising order; ``OFFRecognizer`` asks it for them.
        levels (Sequence[dict]): of each level ``width`` and ``kernel_size`` of the convolution that
            fuses, ``num_blocks`` of four times this width; if wanted ``max_pool``, 3x3 by 2, before
            the classifier, and ``last_kernel_size`` of the last block.
        test_segments (int, optional): segments of a view in testing, where several views come;
            None: all are of one.
        unit (dict, optional): arguments of :class:`OFFUnit` that differ from its defaults.

    Attributes:
        out_channels (tuple[int, ...]): of each level's feature.

    Raises:
        ValueError: the strides do not rise, or are not as many as the levels.
    """

    def __init__(
        self,
        in_channels: Sequence[int],
        strides: Sequence[int],
        levels: Sequence[dict] = RELEASED_LEVELS,
        test_segments: int | None = None,
        unit: dict | None = None,
        init_cfg: dict | None = None,
    ) -> None:
        super().__init__(init_cfg=init_cfg)
        strides_of_levels = _check_levels(in_channels, strides, levels)
        self.test_segments = test_segments
        self.levels = nn.ModuleList()
        # A level hands on maps of the next level's size, the last one of its own.
        strides_after = [*strides_of_levels[1:], strides_of_levels[-1]]
        channels_before = 0
        for cfg, stride, stride_after in zip(levels, strides_of_levels, strides_after, strict=True):
            of_level = [c for c, s in zip(in_channels, strides, strict=True) if s == stride]
            level = _Level(
                OFFUnit(of_level, **(unit or {})),
                channels_before,
                stride=stride_after // stride,
                final=len(self.levels) + 1 == len(levels),
                **cfg,
            )
            self.levels.append(level)
            channels_before = level.out_channels
        self.out_channels = tuple(level.out_channels for level in self.levels)
        self.apply(_fill)

    def forward(self, maps: Sequence[Tensor], last: Tensor) -> list[Tensor]:
        """Return what is classified.

        Args:
            maps: (N, views * T, C, H, W) each, in the order of ``in_channels``.
            last: the last map of the feature network, (N, views * T, C, H, W), too.

        Returns:
            The mean feature of ``last``, then that of each level, (N * views, D) each.

        Raises:
            ValueError: the maps do not fit each other, or are of less than two segments.
        """
        maps = [self._by_view(m) for m in maps]
        last = self._by_view(last)
        _check_maps(maps)
        num_clips = last.shape[0]
        features = [last.mean((1, 3, 4))]
        refined = None
        first = 0  # map of the level
        for level in self.levels:
            of_level = maps[first : first + level.num_maps]
            first += level.num_maps
            refined, feature = level(of_level, refined)
            # (N pairs, D) to (N, pairs, D), whose mean is equation 8
            features.append(feature.unflatten(0, (num_clips, -1)).mean(1))
        return features

    def _by_view(self, x: Tensor) -> Tensor:
        if self.training or self.test_segments is None:
            return x
        if x.shape[1] % self.test_segments:
            raise ValueError(
                f'test_segments: expected views of {self.test_segments} segments each, '
                f'got {x.shape[1]} segments'
            )
        # (N, views T, C, H, W) to (N views, T, C, H, W)
        x = x.unflatten(1, (-1, self.test_segments))
        return x.flatten(0, 1)


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
        self.num_maps = len(unit.reduce)
        self.in_channels = unit.out_channels + in_channels
        self.out_channels = EXPANSION * width
        padding = kernel_size // 2
        self.fuse = nn.Conv2d(self.in_channels, width, kernel_size, stride, padding)
        self.blocks = nn.Sequential()
        channels = width
        for _ in range(num_blocks - 1):
            self.blocks.append(_Bottleneck(channels, width))
            channels = self.out_channels
        self.blocks.append(_Bottleneck(channels, width, last_kernel_size, relu=not final))
        self.pool = nn.MaxPool2d(3, stride=2, ceil_mode=True) if max_pool else nn.Identity()

    def forward(self, maps: Sequence[Tensor], before: Tensor | None) -> tuple[Tensor, Tensor]:
        """Return the refined OFF of every pair, (N * pairs, D, H', W'), and its mean, (., D)."""
        x = self.unit(maps).flatten(0, 1)  # (N, pairs, C, H, W) to (N pairs, C, H, W)
        if before is not None:
            _check_size(before, x)
            x = torch.cat([x, before], dim=1)
        x = self.fuse(x).relu_()
        x = self.blocks(x)
        pooled = self.pool(x)
        return x, pooled.mean((2, 3))


class _Bottleneck(nn.Module):
    """A residual block without batch norm."""

    def __init__(
        self, in_channels: int, width: int, kernel_size: int = 1, relu: bool = True
    ) -> None:
        super().__init__()
        channels = EXPANSION * width
        padding = kernel_size // 2
        self.body = nn.Sequential(
            nn.Conv2d(in_channels, width, 1),
            nn.ReLU(inplace=True),
            nn.Conv2d(width, width, 3, padding=1),
            nn.ReLU(inplace=True),
            nn.Conv2d(width, channels, kernel_size, padding=padding),
        )
        self.shortcut = nn.Identity()
        if in_channels != channels:
            self.shortcut = nn.Conv2d(in_channels, channels, 1)
        self.relu = nn.ReLU(inplace=True) if relu else nn.Identity()

    def forward(self, x: Tensor) -> Tensor:
        residual = self.body(x)
        return self.relu(residual + self.shortcut(x))


def _fill(module: nn.Module) -> None:
    if isinstance(module, nn.Conv2d):
        nn.init.kaiming_normal_(module.weight, nonlinearity='relu')
        nn.init.constant_(module.bias, BIAS)


def _check_levels(
    in_channels: Sequence[int], strides: Sequence[int], levels: Sequence[dict]
) -> list[int]:
    """Return the stride of each level."""
    rising = sorted(strides) == list(strides)
    if not strides or len(in_channels) != len(strides) or not rising:
        raise ValueError(
            'strides: expected one for each map of in_channels, in rising order, '
            f'got strides {tuple(strides)} of channels {tuple(in_channels)}'
        )
    found = sorted(set(strides))
    if len(found) != len(levels):
        names = ', '.join(str(stride) for stride in found)
        raise ValueError(
            f'levels: expected one for each of the strides {names}, got {len(levels)} levels'
        )
    return found


def _check_maps(maps: Sequence[Tensor]) -> None:
    first = maps[0].shape[:2]
    for x in maps[1:]:
        if x.shape[:2] != first:
            raise ValueError(
                'maps: expected as many clips and segments at every level, '
                f'got {tuple(first)} and {tuple(x.shape[:2])}'
            )
    num_segments = first[1]
    if num_segments < 2:
        raise ValueError(f'maps: expected at least 2 segments to take OFF of, got {num_segments}')


def _check_size(before: Tensor, x: Tensor) -> None:
    if before.shape[2:] != x.shape[2:]:
        raise ValueError(
            f'maps: expected a level of {tuple(before.shape[2:])} after the one before it, '
            f'got {tuple(x.shape[2:])}'
        )
