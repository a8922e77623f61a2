"""Where in a clip a class is seen, as in Fig. 3 of Residual Frames with 3D ConvNets.

Grad-CAM: Visual Explanations from Deep Networks via Gradient-based Localization (ICCV 2017),
Section 3: eqs. 1 and 2. In 3D, means over positions are over time, too.
"""

import difflib
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial

import torch
import torch.nn.functional as F
from torch import Tensor, nn

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
        self.layer = layer
        self.module = _find_module(model, layer)
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
            heat = _weigh(maps, self._gradient(scores, maps, target))
        size = tuple(size or inputs.shape)[-(heat.dim() - 1) :]
        return _normalise(_enlarge(heat, size), clips=len(scores))

    def _run(self, inputs: Tensor) -> tuple[Tensor, Tensor]:
        heard: list[Tensor] = []
        handle = self.module.register_forward_hook(partial(self._listen, heard))
        try:
            scores = self.score(inputs)
        finally:
            handle.remove()
        if not heard:
            raise ValueError(f'layer: expected one that runs, got {self.layer}, which does not')
        return scores, heard[-1]

    def _listen(self, heard: list[Tensor], module: nn.Module, inputs: tuple, out: Tensor) -> Tensor:
        if not (isinstance(out, Tensor) and out.dim() in (4, 5)):
            got = tuple(out.shape) if isinstance(out, Tensor) else f'a {type(out).__name__}'
            expected = 'one that puts out (N, C, H, W) or (N, C, T, H, W)'
            raise ValueError(f'layer: expected {expected}, got {self.layer}, which puts out {got}')
        # Cut off, so that frozen layers below do not matter and none of them runs backwards; and
        # a copy goes on, since what follows may work in place.
        heard.append(out.detach().requires_grad_())
        return heard[-1].clone()

    def _gradient(self, scores: Tensor, maps: Tensor, target: int | Tensor | None) -> Tensor:
        chosen = _pick(scores, target).sum()  # the clips of a batch do not see each other
        found = (None,)
        if chosen.requires_grad:
            found = torch.autograd.grad(chosen, maps, allow_unused=True)
        if found[0] is None:
            expected = 'one that the score is made from'
            raise ValueError(f'layer: expected {expected}, got {self.layer}, which has no part')
        return found[0]


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

    handles = [
        module.register_forward_hook(partial(note, name)) for name, module in model.named_modules()
    ]
    try:
        yield maps
    finally:
        for handle in handles:
            handle.remove()


def last_map(maps: dict[str, Tensor], scores: Tensor) -> str:
    """Return the last map of several pixels that scores are made from: what Grad-CAM looks at.

    Args:
        maps: of ``watch_maps``, while gradients were enabled.
        scores: (R, classes), made in the same run.

    Raises:
        ValueError: there is none.
    """
    found = {
        name: out
        for name, out in maps.items()
        if name and out.shape[-2] * out.shape[-1] > 1 and out.requires_grad
    }
    gradients: tuple[Tensor | None, ...] = ()
    if found and scores.requires_grad:
        target = scores.amax(dim=1).sum()
        gradients = torch.autograd.grad(target, list(found.values()), allow_unused=True)
    used = [name for name, grad in zip(found, gradients, strict=False) if grad is not None]
    if not used:
        shapes = {name: tuple(out.shape) for name, out in maps.items()}
        raise ValueError(f'layer: expected one with maps of several pixels, got {shapes or "none"}')
    return used[-1]


def _find_module(model: nn.Module, layer: str) -> nn.Module:
    modules = dict(model.named_modules())
    if layer not in modules:
        close = difflib.get_close_matches(layer, modules, n=3)
        hint = f'; did you mean {", ".join(close)}?' if close else ''
        expected = f'the name of a module of {type(model).__name__}'
        raise ValueError(f'layer: expected {expected}, got {layer}{hint}')
    return modules[layer]


def _pick(scores: Tensor, target: int | Tensor | None) -> Tensor:
    """Return the score (R,) of the class that is meant in each row."""
    if target is None:
        return scores.amax(dim=1)
    classes = torch.as_tensor(target, device=scores.device).expand(len(scores))
    return scores.gather(1, classes[:, None])[:, 0]


def _weigh(maps: Tensor, gradient: Tensor) -> Tensor:
    weights = gradient.float().flatten(2).mean(dim=2)
    return torch.einsum('nc,nc...->n...', weights, maps.detach().float()).relu()


def _enlarge(heat: Tensor, size: Sequence[int]) -> Tensor:
    mode = 'bilinear' if heat.dim() == 3 else 'trilinear'
    return F.interpolate(heat[:, None], size=tuple(size), mode=mode, align_corners=False)[:, 0]


def _normalise(heat: Tensor, *, clips: int) -> Tensor:
    if len(heat) % clips:
        raise ValueError(f'layer: expected maps for each of {clips} clips, got {len(heat)} maps')
    peaks = heat.flatten(1).amax(dim=1).unflatten(0, (clips, -1)).amax(dim=1)
    peaks = peaks.repeat_interleave(len(heat) // clips).clamp(min=torch.finfo(heat.dtype).tiny)
    return heat / peaks.reshape(-1, *[1] * (heat.dim() - 1))
