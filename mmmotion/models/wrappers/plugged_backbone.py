"""A module run on the output of a stage of any backbone: representation flow after block 3."""

import inspect
from functools import partial

import torch
from torch import Tensor, nn

from mmmotion.models.wrappers.base import Maps, Wrapper, map_each
from mmmotion.models.wrappers.first_conv import find_first_conv
from mmmotion.models.wrappers.probes import Call, describe_maps
from mmmotion.ops.shapes import fold_time, to_ncthw, to_ntchw, unfold_time
from mmmotion.registry import MODELS

__all__ = ['PluggedBackbone']

STEMS = ('maxpool', 'stem', 'conv1')  # the first of them that there is, is what a stem ends with


class _FoldedClips(Call):
    """How many clips' frames run through a 2D backbone now."""

    count: int = 1


@MODELS.register_module()
class PluggedBackbone(Wrapper):
    """Run modules that see clips after the stages of a 2D or 3D backbone.

    The modules are hooked in, so the backbone is as it was, and so are its weights' names; a
    checkpoint of the bare backbone loads.

    Args:
        backbone (dict): config of the backbone, as of :meth:`Wrapper.wrap`.
        plugins (list[dict]): each has ``module``, the config of a module that maps clips
            (N, T, C, H, W) to clips of the same length or shorter, and whose ``in_channels``, if
            it has such, are found; and ``after``: 'input', 'stem', or the name of a part of the
            backbone, such as 'layer2', which is the paper's block 3 of a ResNet. Stages come in
            the order in which the backbone runs them.
        num_frames (int | None): T, if a 2D backbone is to be fed with folded frames.

    Raises:
        ValueError: a plugin's stage, its channels or the frames that it leaves out do not fit the
            backbone.

    Convention:
        In: clips (N, C, T, H, W), MMAction2's ``NCTHW``; or, with ``num_frames``, frames
        (N T, C, H, W), as its 2D recognisers fold them. Out: for clips, (N, D, T', H', W'), also of
        a 2D backbone: a head of 3D maps averages the T' predictions. For frames, (N T, D, H', W'):
        where flows have taken frames away, the mean of those that are left stands for them, so that
        a head that averages over T frames averages over those.
    """

    def __init__(
        self,
        backbone: dict,
        plugins: list[dict],
        num_frames: int | None = None,
        init_cfg: dict | None = None,
    ) -> None:
        super().__init__(init_cfg=init_cfg)
        self.wrap(backbone)
        self.num_frames = num_frames
        stages = [self._find_stage(plugin) for plugin in plugins]
        self.plugins = nn.ModuleList(self._build_plugins(plugins, stages))
        self._check_shift()
        self.folded_clips = _FoldedClips()
        self.at_input = []
        for module, stage in zip(self.plugins, stages, strict=True):
            if stage is None:
                self.at_input.append(module)
            else:
                hook = partial(self._run_after, module)
                self.backbone.get_submodule(stage).register_forward_hook(hook)

    def forward(self, x: Tensor) -> Maps:
        self._check(x)
        if self.is_3d:
            for module in self.at_input:
                x = self._run_plugin(module, x)
            return self.run(x)
        if x.dim() == 5:
            return map_each(to_ncthw, self.run_frames(to_ntchw(x)))
        clips = unfold_time(x, self.num_frames)  # (N, T, C, H, W)
        return map_each(self._fold_completed, self.run_frames(clips))

    def run_frames(self, clips: Tensor) -> Maps:
        """Run a 2D backbone and the plugins on clips.

        Args:
            clips: (N, T, C, H, W).

        Returns:
            The map of the backbone, (N, T', D, H', W'), or a tuple of several.
        """
        self.folded_clips.count = clips.shape[0]
        frames = fold_time(clips)
        for module in self.at_input:
            frames = self._run_plugin(module, frames)
        return map_each(self._unfold, self.run(frames))

    def _run_after(self, module: nn.Module, stage: nn.Module, inputs: tuple, x: Tensor) -> Tensor:
        """Run a plugin on what its stage gives; a forward hook of the stage."""
        return self._run_plugin(module, x)

    def _run_plugin(self, module: nn.Module, x: Tensor) -> Tensor:
        """Let a plugin see a map of the backbone as clips, (N, T, C, H, W)."""
        if self.is_3d:
            return to_ncthw(module(to_ntchw(x)))
        return fold_time(module(self._unfold(x)))

    def _unfold(self, maps: Tensor) -> Tensor:
        """Unfold (N T', D, H', W') to (N, T', D, H', W'), of as many clips as run now."""
        return unfold_time(maps, maps.shape[0] // self.folded_clips.count)

    def _fold_completed(self, clips: Tensor) -> Tensor:
        """Fold (N, T', D, H', W') to (N T, D, H', W'), completed by the mean of the clip."""
        mean = clips.mean(dim=1, keepdim=True)
        num_missing = self.num_frames - clips.shape[1]
        missing = mean.expand(-1, num_missing, -1, -1, -1)
        return fold_time(torch.cat([clips, missing], dim=1))

    def _find_stage(self, plugin: dict) -> str | None:
        """Return the name of the module that a plugin stands after; None: the input."""
        if not {'after', 'module'} <= set(plugin):
            raise ValueError(
                f'plugins: expected dicts of after and module, got one of {", ".join(plugin)}'
            )
        name = plugin['after']
        if name == 'input':
            return None
        children = dict(self.backbone.named_children())
        if name == 'stem':
            name = next((stem for stem in STEMS if stem in children), '')
        if name and name in dict(self.backbone.named_modules()):
            return name
        raise ValueError(
            f'after: expected a stage of {type(self.backbone).__name__}, one of input, stem, '
            f'{", ".join(children)} or a part of them, got {plugin["after"]!r}'
        )

    def _build_plugins(self, plugins: list[dict], stages: list[str | None]) -> list[nn.Module]:
        """Build the modules, each that asks for ``in_channels`` for those of its stage."""
        modules = [dict(plugin['module']) for plugin in plugins]
        asking = [_takes_in_channels(module) for module in modules]
        names = sorted({name for name, asks in zip(stages, asking, strict=True) if name and asks})
        channels = {None: find_first_conv(self.backbone).in_channels}
        if names:
            found, _, _ = describe_maps(self.backbone, names)
            channels.update(zip(names, found, strict=True))
        for plugin, module, stage, asks in zip(plugins, modules, stages, asking, strict=True):
            if not asks:
                continue
            expected = channels[stage]
            if module.get('in_channels') not in (None, expected):
                raise ValueError(
                    f'in_channels: expected {expected}, as {plugin["after"]} gives, or none, '
                    f'got {module["in_channels"]}'
                )
            module['in_channels'] = expected
        return [MODELS.build(module) for module in modules]

    def _check(self, x: Tensor) -> None:
        frames = x.dim() == 4 and self.num_frames and not self.is_3d
        if x.dim() != 5 and not (frames and x.shape[0] % self.num_frames == 0):
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


def _takes_in_channels(module: dict) -> bool:
    cls = MODELS.get(module.get('type'))
    return cls is not None and 'in_channels' in inspect.signature(cls).parameters
