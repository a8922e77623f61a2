"""A module run on the output of a stage of any backbone: representation flow after block 3."""

from functools import partial

import torch
from mmengine.model import BaseModule
from torch import Tensor, nn

from mmmotion.registry import MODELS

from .building import adopt_bare_keys, build_backbone
from .first_conv import find_first_conv

__all__ = ['PluggedBackbone']

STEMS = ('maxpool', 'stem', 'conv1')  # the first of them that there is, is what a stem ends with


@MODELS.register_module()
class PluggedBackbone(BaseModule):
    """Run modules that see clips after the stages of a 2D or 3D backbone.

    The modules are hooked in, so the backbone is as it was, and so are its weights' names; a
    checkpoint of the bare backbone loads.

    Args:
        backbone (dict): config of the backbone: MMAction2's, ``mmpretrain.X``, ``timm.X``.
        plugins (list[dict]): each has ``module``, the config of a module that maps clips
            (N, T, C, H, W) to clips of the same length or shorter; and ``after``: 'input', 'stem',
            or the name of a part of the backbone, such as 'layer2', which is the paper's block 3
            of a ResNet. Stages come in the order in which the backbone runs them.
        num_frames (int | None): T, if a 2D backbone is to be fed with folded frames.

    Convention:
        In: clips (N, C, T, H, W), MMAction2's ``NCTHW``; or, with ``num_frames``, frames
        (N T, C, H, W), as its 2D recognisers fold them. Out: for clips, (N, D, T', H', W'), also of
        a 2D backbone: a head of 3D maps averages the T' predictions. For frames, (N T, D, H', W'):
        where flows have taken frames away, the mean of the rest stands for them, so that a head
        that averages over T frames averages over those that are left.
    """

    def __init__(
        self,
        backbone: dict,
        plugins: list[dict],
        num_frames: int | None = None,
        init_cfg: dict | None = None,
    ) -> None:
        super().__init__(init_cfg=init_cfg)
        self.backbone = build_backbone(backbone)
        first_is_3d = isinstance(find_first_conv(self.backbone), nn.Conv3d)
        self.is_3d = getattr(self.backbone, 'takes_clips', first_is_3d)
        self.num_frames = num_frames
        self.plugins = nn.ModuleList(MODELS.build(plugin['module']) for plugin in plugins)
        self._check_shift()
        self.at_input = []
        for module, plugin in zip(self.plugins, plugins, strict=True):
            self._attach(module, plugin['after'])
        self.num_clips = 0  # of what runs through now
        self.register_load_state_dict_pre_hook(adopt_bare_keys)

    @property
    def num_segments(self) -> int | None:
        """Segments per video that the backbone shifts among; None where it does not care."""
        return getattr(self.backbone, 'num_segments', None)

    def forward(self, x: Tensor) -> Tensor | tuple[Tensor, ...]:
        folded = x.dim() == 4
        self._check(x)
        self.num_clips = len(x) // self.num_frames if folded else len(x)
        if not (folded or self.is_3d):
            x = x.transpose(1, 2).flatten(0, 1)
        for module in self.at_input:
            x = self._plug(module, None, (), x)
        features = self.backbone(x)
        many = isinstance(features, (tuple, list))
        maps = [self._arrange(value, folded) for value in (features if many else [features])]
        return tuple(maps) if len(maps) > 1 else maps[0]

    def _attach(self, module: nn.Module, after: str) -> None:
        if after == 'input':
            self.at_input.append(module)
            return
        self._find(after).register_forward_hook(partial(self._plug, module))

    def _find(self, after: str) -> nn.Module:
        children = dict(self.backbone.named_children())
        name = next((name for name in STEMS if name in children), '') if after == 'stem' else after
        try:
            found = self.backbone.get_submodule(name)
        except AttributeError:
            found = None
        if found is None or not name:
            raise ValueError(
                f'after: expected a stage of {type(self.backbone).__name__}, one of input, stem, '
                f'{", ".join(children)} or a part of them, got {after!r}'
            )
        return found

    def _plug(self, module: nn.Module, stage: nn.Module | None, args: tuple, x: Tensor) -> Tensor:
        """Let a module see the output of a stage as clips, (N, T, C, H, W)."""
        if self.is_3d:
            return module(x.transpose(1, 2)).transpose(1, 2)
        return module(x.unflatten(0, (self.num_clips, -1))).flatten(0, 1)

    def _arrange(self, maps: Tensor, folded: bool) -> Tensor:
        if self.is_3d:
            return maps
        clips = maps.unflatten(0, (self.num_clips, -1))
        if not folded:
            return clips.transpose(1, 2)
        mean = clips.mean(dim=1, keepdim=True)
        gone = self.num_frames - clips.shape[1]
        return torch.cat([clips, mean.expand(-1, gone, -1, -1, -1)], dim=1).flatten(0, 1)

    def _check(self, x: Tensor) -> None:
        frames = x.dim() == 4 and self.num_frames and not self.is_3d
        if x.dim() != 5 and not (frames and len(x) % self.num_frames == 0):
            raise ValueError(
                'x: expected clips (N, C, T, H, W), or frames (N T, C, H, W) of a 2D backbone with '
                f'num_frames={self.num_frames}, got {tuple(x.shape)}'
            )

    def _check_shift(self) -> None:
        dropped = sum(getattr(plugin, 'num_dropped', 0) for plugin in self.plugins)
        if self.num_segments and dropped:
            raise ValueError(
                f"last_frame: expected 'repeat' or 'zero' in {type(self.backbone).__name__}, which "
                f'shifts among {self.num_segments} frames, got flows that leave out {dropped}'
            )
