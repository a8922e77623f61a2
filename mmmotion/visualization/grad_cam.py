"""Where in a clip a class is seen, as in Fig. 3 of Residual Frames with 3D ConvNets.

Grad-CAM: Visual Explanations from Deep Networks via Gradient-based Localization (ICCV 2017),
Section 3: eqs. 1 and 2. In 3D, means over positions are over time, too.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from mmmotion.checks import did_you_mean
from mmmotion.models.wrappers.probes import hooked

__all__ = ['GradCAM', 'last_map', 'watch_maps']


class GradCAM:
    r"""Heat maps of what speaks for a class.

    .. math:: \alpha_c = \mathrm{mean}_p \, \partial y / \partial A_c(p), \qquad
              \mathrm{heat}(p) = \mathrm{ReLU} \sum_c \alpha_c A_c(p)

    with the maps A that a layer puts out, and the score y of the class before any softmax.

    Args:
        model: any module, in the mode in which it shall be seen; mostly ``eval``.
        layer: the name of one of its modules, whose output is a map, channels first:
            (N, C, H, W) or (N, C, T, H, W). If it runs several times, the last run counts.
        score: turns the inputs into scores (R, classes), one row for each clip, by means of
            ``model``; by default ``model`` itself.

    Raises:
        ValueError: there is no such layer.
    """

    def __init__(
        self, model: nn.Module, layer: str, *, score: Callable[[Tensor], Tensor] | None = None
    ) -> None:
        modules = dict(model.named_modules())
        if layer not in modules:
            raise ValueError(
                f'layer: expected the name of a module of {type(model).__name__}, got {layer}'
                f'{did_you_mean(layer, modules, most=3)}'
            )
        self.layer = layer
        self.module = modules[layer]
        self.score = score or model

    def __call__(
        self,
        inputs: Tensor,
        target: int | Tensor | None = None,
        *,
        size: Sequence[int] | None = None,
    ) -> Tensor:
        """Return the heat maps of a class.

        Args:
            inputs: clips, as ``score`` takes them.
            target: the class, or (R,) that of each row; by default that of the highest score.
            size: (T, H, W) or (H, W) of the frames; by default the last dimensions of ``inputs``.

        Returns:
            (N, H, W) or (N, T, H, W) by what the layer puts out, in [0, 1]. N can be a multiple of
            R: the maps of a clip's segments. They share one scale, and 1 is the clip's maximum,
            unless nothing in it speaks for the class: then all is 0.

        Raises:
            ValueError: the layer gives no maps, does not run, or has no part in the score.
        """
        with torch.enable_grad():
            scores, maps = self._run(inputs)
            gradient = self._gradient(scores, maps, target)
        alpha = gradient.float().flatten(2).mean(dim=2)  # (N, C), eq. 1
        weighted = torch.einsum('nc,nc...->n...', alpha, maps.detach().float())
        heat = weighted.relu()  # (N, h, w) or (N, T', h, w), eq. 2
        size = tuple(size or inputs.shape)
        size = size[1 - heat.dim() :]  # without T, if the maps have none
        mode = 'bilinear' if heat.dim() == 3 else 'trilinear'
        enlarged = F.interpolate(heat.unsqueeze(1), size=size, mode=mode, align_corners=False)
        return _normalise(enlarged.squeeze(1), clips=len(scores))

    def _run(self, inputs: Tensor) -> tuple[Tensor, Tensor]:
        """Return the scores, and the maps that they are made from, cut off from what is below."""
        heard: list[Tensor] = []

        def listen(name: str, module: nn.Module, inputs: tuple, out: object) -> Tensor:
            self._check_map(out)
            # Cut off, so that frozen layers below do not matter and none of them runs backwards;
            # and a copy goes on, since what follows may work in place.
            heard.append(out.detach().requires_grad_())
            return heard[-1].clone()

        with hooked({self.layer: self.module}, listen):
            scores = self.score(inputs)
        if not heard:
            raise ValueError(f'layer: expected one that runs, got {self.layer}, which does not')
        return scores, heard[-1]

    def _check_map(self, out: object) -> None:
        if isinstance(out, Tensor) and out.dim() in (4, 5):
            return
        got = tuple(out.shape) if isinstance(out, Tensor) else f'a {type(out).__name__}'
        raise ValueError(
            'layer: expected one that puts out (N, C, H, W) or (N, C, T, H, W), '
            f'got {self.layer}, which puts out {got}'
        )

    def _gradient(self, scores: Tensor, maps: Tensor, target: int | Tensor | None) -> Tensor:
        if target is None:
            chosen = scores.amax(dim=1)
        else:
            classes = torch.as_tensor(target, device=scores.device).expand(len(scores))
            chosen = scores.gather(1, classes.unsqueeze(1))
        gradient = None
        if chosen.requires_grad:  # the clips of a batch do not see each other
            (gradient,) = torch.autograd.grad(chosen.sum(), maps, allow_unused=True)
        if gradient is None:
            raise ValueError(
                f'layer: expected one that the score is made from, got {self.layer}, '
                'which has no part'
            )
        return gradient


@contextmanager
def watch_maps(model: nn.Module) -> Iterator[dict[str, Tensor]]:
    """Note every map that a module of ``model`` puts out from now on.

    Yields:
        A dict by name of the modules' outputs (N, C, H, W) or (N, C, T, H, W), in the order in
        which they come.
    """
    maps: dict[str, Tensor] = {}

    def note(name: str, module: nn.Module, inputs: tuple, out: Tensor) -> None:
        if isinstance(out, Tensor) and out.dim() in (4, 5):
            maps.pop(name, None)  # of several runs, the last one
            maps[name] = out

    with hooked(dict(model.named_modules()), note):
        yield maps


def last_map(maps: dict[str, Tensor], scores: Tensor) -> str:
    """Return the last map of several pixels that scores are made from: what Grad-CAM looks at.

    Args:
        maps: of ``watch_maps``, while gradients were enabled.
        scores: (R, classes), made in the same run.

    Raises:
        ValueError: there is none.
    """
    found = {}
    for name, out in maps.items():
        if name and out.shape[-2] * out.shape[-1] > 1 and out.requires_grad:
            found[name] = out
    used = []
    if found and scores.requires_grad:
        target = scores.amax(dim=1).sum()
        gradients = torch.autograd.grad(target, list(found.values()), allow_unused=True)
        used = [name for name, grad in zip(found, gradients, strict=True) if grad is not None]
    if not used:
        shapes = {name: tuple(out.shape) for name, out in maps.items()}
        raise ValueError(f'layer: expected one with maps of several pixels, got {shapes or "none"}')
    return used[-1]


def _normalise(heat: Tensor, *, clips: int) -> Tensor:
    """Divide the maps (N, ...) of every clip by their maximum."""
    each, remainder = divmod(len(heat), clips)
    if remainder:
        raise ValueError(f'layer: expected maps for each of {clips} clips, got {len(heat)} maps')
    maps = heat.unflatten(0, (clips, each))
    peaks = maps.flatten(1).amax(dim=1)  # (clips,)
    least = torch.finfo(heat.dtype).tiny
    scale = peaks.clamp(min=least).reshape(clips, *[1] * heat.dim())
    return (maps / scale).flatten(0, 1)
