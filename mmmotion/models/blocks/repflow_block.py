"""The representation flow as a block of a network: reduced, scaled, its flow, and back.

Representation Flow for Action Recognition, section 3.2 and appendix A; stacks of it (Table 5) and
its fusion with the features it is of (Table 4).
"""

import torch
from mmengine.model import BaseModule
from torch import Tensor, nn

from mmmotion.checks import check_choice, check_integer
from mmmotion.ops import RepresentationFlow
from mmmotion.registry import MODELS

__all__ = ['RepFlowBlock']

FUSIONS = ('none', 'add', 'multiply', 'layer_multiply', 'concat')
LAST_FRAMES = ('drop', 'repeat', 'zero')


@MODELS.register_module()
class RepFlowBlock(BaseModule):
    """Replace features by the flow from each frame to the next.

    A 1x1 convolution to ``channels``, scaling to 0..255 clip by clip, the flow of every channel,
    and a 3x3 convolution of its x and y.

    Args:
        in_channels (int): C, of the features; a ``PluggedBackbone`` finds it itself.
        flow (dict): settings of ``RepresentationFlow``: ``num_iters``, ``learn``, ``mode``, ...
        channels (int | None): whose flow is found; None: that of the features themselves.
        out_channels (int | None): of the result; None: C.
        num_flows (int): flows of flows: each takes one frame more.
        conv_between (bool): whether a 3x3 convolution to ``channels`` stands between flows: with
            it, two are flow-conv-flow, the best of Table 5; without it, flow-of-flow.
        fusion (str): with the features, which 'none' leaves out; 'add' and 'multiply' them;
            'layer_multiply', by what a 1x1 convolution makes of them; 'concat', reduced to C by a
            1x1 convolution. (Late fusion is a ``BranchRecognizer`` of two networks.)
        last_frame (str): T frames have T - ``num_flows`` flows. 'drop' leaves it so, as the paper
            does; 'repeat' the last flow, or a 'zero' one, makes them T.
        norm (bool): whether batch norm ends the flow, of which the paper says nothing.

    Convention:
        In: (N, T, C, H, W). Out: (N, T', out_channels, H, W). Flow t is from frame t to t + 1, and
        is fused with the features of frame t.
    """

    def __init__(
        self,
        in_channels: int,
        flow: dict | None = None,
        channels: int | None = 32,
        out_channels: int | None = None,
        num_flows: int = 1,
        conv_between: bool = True,
        fusion: str = 'none',
        last_frame: str = 'drop',
        norm: bool = False,
        init_cfg: dict | None = None,
    ) -> None:
        super().__init__(init_cfg=init_cfg)
        check_integer('num_flows', num_flows)
        check_choice('fusion', fusion, FUSIONS)
        check_choice('last_frame', last_frame, LAST_FRAMES)
        self.last_frame = last_frame
        out_channels = out_channels or in_channels
        self.reduce = nn.Conv2d(in_channels, channels, 1) if channels else nn.Identity()
        width = channels or in_channels
        self.flows, self.convs = nn.ModuleList(), nn.ModuleList()
        for index in range(num_flows):
            if index and conv_between:
                self.convs.append(nn.Conv2d(2 * width, width, 3, padding=1))
            elif index:
                width = 2 * width
            self.flows.append(RepresentationFlow(**(flow or {})))
        self.expand = nn.Sequential(nn.Conv2d(2 * width, out_channels, 3, padding=1))
        if norm:
            self.expand.append(nn.BatchNorm2d(out_channels))
        self.fuse = _Fusion(fusion, in_channels, out_channels)

    @property
    def num_dropped(self) -> int:
        """How many frames fewer come out."""
        return len(self.flows) if self.last_frame == 'drop' else 0

    def forward(self, clip: Tensor) -> Tensor:
        self._check_clip(clip)
        maps = _each_frame(self.reduce, clip)
        for index, flow in enumerate(self.flows):
            if index and self.convs:
                maps = _each_frame(self.convs[index - 1], maps)
            maps = flow(maps)
        maps = self._complete(_each_frame(self.expand, maps))
        return self.fuse(clip[:, : maps.shape[1]], maps)

    def _complete(self, maps: Tensor) -> Tensor:
        if self.last_frame == 'drop':
            return maps
        last = maps[:, -1:] if self.last_frame == 'repeat' else torch.zeros_like(maps[:, -1:])
        return torch.cat([maps, last.expand(-1, len(self.flows), -1, -1, -1)], dim=1)

    def _check_clip(self, clip: Tensor) -> None:
        if clip.dim() != 5 or clip.shape[1] <= len(self.flows):
            raise ValueError(
                f'clip: expected (N, T, C, H, W) with T of more than {len(self.flows)} frames, '
                f'got {tuple(clip.shape)}'
            )


class _Fusion(nn.Module):
    """Fuse flow with the features that it is of, (N, T, C, H, W) both."""

    def __init__(self, kind: str, in_channels: int, out_channels: int) -> None:
        super().__init__()
        self.kind = kind
        if kind != 'none' and in_channels != out_channels:
            raise ValueError(
                f'out_channels: expected {in_channels}, as of the features, with fusion={kind!r}, '
                f'got {out_channels}'
            )
        width = dict(layer_multiply=in_channels, concat=2 * in_channels).get(kind)
        self.layer = nn.Conv2d(width, out_channels, 1) if width else nn.Identity()

    def forward(self, features: Tensor, flow: Tensor) -> Tensor:
        if self.kind == 'none':
            return flow
        if self.kind == 'add':
            return features + flow
        if self.kind == 'concat':
            return _each_frame(self.layer, torch.cat([features, flow], dim=2))
        return _each_frame(self.layer, features) * flow


def _each_frame(module: nn.Module, clip: Tensor) -> Tensor:
    """Apply a 2D module to the frames of (N, T, C, H, W)."""
    return module(clip.flatten(0, 1)).unflatten(0, clip.shape[:2])
