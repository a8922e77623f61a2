"""A module run on the output of a stage of any backbone: representation flow after block 3."""

import inspect
from functools import partial

import torch
from mmengine.model import BaseModule
from torch import Tensor, nn

from mmmotion.models.wrappers.building import adopt_bare_keys, build_backbone
from mmmotion.models.wrappers.first_conv import find_first_conv
from mmmotion.models.wrappers.probes import describe_maps, takes_clips
from mmmotion.registry import MODELS

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
            (N, T, C, H, W) to clips of the same length or shorter, and whose ``in_channels``, if
            it has such, are found; and ``after``: 'input', 'stem', or the name of a part of the
            backbone, such as 'layer2', which is the paper's block 3 of a ResNet. Stages come in
            the order in which the backbone runs them.
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
        self.is_3d = takes_clips(self.backbone)
        self.num_frames = num_frames
        stages = [self._find_stage(plugin) for plugin in plugins]
        channels = self._find_channels(stages)
        self.plugins = nn.ModuleList(
            _build_plugin(plugin, channels[stage])
            for plugin, stage in zip(plugins, stages, strict=True)
        )
        self._check_shift()
        self.at_input = []
        for module, stage in zip(self.plugins, stages, strict=True):
            if stage is None:
                self.at_input.append(module)
            else:
                self.backbone.get_submodule(stage).register_forward_hook(
                    partial(self._plug, module)
                )
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

    def _find_stage(self, plugin: dict) -> str | None:
        """Return the name of the module that a plugin stands after; None: the input."""
        if not {'after', 'module'} <= set(plugin):
            raise ValueError(
                f'plugins: expected dicts of after and module, got one of {", ".join(plugin)}'
            )
        after = plugin['after']
        if after == 'input':
            return None
        children = dict(self.backbone.named_children())
        name = next((name for name in STEMS if name in children), '') if after == 'stem' else after
        if not name or name not in dict(self.backbone.named_modules()):
            raise ValueError(
                f'after: expected a stage of {type(self.backbone).__name__}, one of input, stem, '
                f'{", ".join(children)} or a part of them, got {after!r}'
            )
        return name

    def _find_channels(self, stages: list[str | None]) -> dict[str | None, int]:
        """Return the channels of what each stage gives, by one run of the backbone."""
        names = sorted({stage for stage in stages if stage is not None})
        found, _, _ = describe_maps(self.backbone, names) if names else ([], [], 0)
        channels: dict[str | None, int] = dict(zip(names, found, strict=True))
        channels[None] = find_first_conv(self.backbone).in_channels
        return channels

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


def _build_plugin(plugin: dict, channels: int) -> nn.Module:
    """Build the module of a plugin for ``channels`` channels, if it asks how many."""
    module = dict(plugin['module'])
    cls = MODELS.get(module.get('type'))
    if cls is not None and 'in_channels' in inspect.signature(cls).parameters:
        given = module.get('in_channels')
        if given not in (None, channels):
            raise ValueError(
                f'in_channels: expected {channels}, as {plugin["after"]} gives, or none, '
                f'got {given}'
            )
        module['in_channels'] = channels
    return MODELS.build(module)
