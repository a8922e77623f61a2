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
    r"""Heat maps of the evidence for a class.

    .. math:: \alpha_c = \mathrm{mean}_p \, \partial y / \partial A_c(p), \qquad
              \mathrm{heat}(p) = \mathrm{ReLU} \sum_c \alpha_c A_c(p)

    with the output A of a layer, c one of its channels and p a position, and the score y of the
    class before any softmax.

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
            (N, H, W) or (N, T, H, W), as the layer's output, in [0, 1]. N can be a multiple of R:
            the maps of a clip's segments. They share one scale, and 1 is the clip's maximum, unless
            there is no evidence for the class in it: then all is 0.

        Raises:
            ValueError: the layer gives no maps, does not run, or has no part in the score.
        """
        with torch.enable_grad():
            scores, maps = self._run(inputs)
            gradient = self._gradient(scores, maps, target)
        positions = gradient.float().flatten(2)  # (N, C, p)
        alpha = positions.mean(dim=2)  # (N, C), eq. 1
        maps = maps.detach().float()
        weighted = torch.einsum('nc,nc...->n...', alpha, maps)
        heat = weighted.relu()  # (N, h, w) or (N, T', h, w), eq. 2
        mode = 'bilinear' if heat.dim() == 3 else 'trilinear'
        size = tuple(size or inputs.shape)
        size = size[1 - heat.dim() :]  # (H, W) or (T, H, W)
        heat = heat.unsqueeze(1)  # one channel
        enlarged = F.interpolate(heat, size=size, mode=mode, align_corners=False)
        return _normalise(enlarged.squeeze(1), clips=len(scores))

    def _run(self, inputs: Tensor) -> tuple[Tensor, Tensor]:
        """Return the scores, and the output of the layer, the leaf that they are made from."""
        outputs: list[Tensor] = []

        def replace(name: str, module: nn.Module, inputs: tuple, out: object) -> Tensor:
            self._check_map(out)
            # Detached, so that it needs no gradients of the layers before, which may be frozen;
            # and a copy goes on, since what follows may work in place.
            maps = out.detach().requires_grad_()
            outputs.append(maps)
            return maps.clone()

        with hooked({self.layer: self.module}, replace):
            scores = self.score(inputs)
        if not outputs:
            raise ValueError(f'layer: expected one that runs, got {self.layer}, which does not')
        return scores, outputs[-1]

    def _check_map(self, out: object) -> None:
        if _is_map(out):
            return
        got = f'a {type(out).__name__}'
        if isinstance(out, Tensor):
            got = tuple(out.shape)
        raise ValueError(
            'layer: expected one that puts out (N, C, H, W) or (N, C, T, H, W), '
            f'got {self.layer}, which puts out {got}'
        )

    def _gradient(self, scores: Tensor, maps: Tensor, target: int | Tensor | None) -> Tensor:
        if target is None:
            chosen = scores.amax(dim=1)
        else:
            classes = torch.as_tensor(target, device=scores.device)
            classes = classes.expand(len(scores)).unsqueeze(1)  # (R, 1)
            chosen = scores.gather(1, classes)
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
    """Record every map that a module of ``model`` puts out from now on.

    Yields:
        A dict by name of the modules' outputs (N, C, H, W) or (N, C, T, H, W), in the order in
        which they come.
    """
    maps: dict[str, Tensor] = {}

    def record(name: str, module: nn.Module, inputs: tuple, out: object) -> None:
        if _is_map(out):
            maps.pop(name, None)  # of several runs, the last one counts
            maps[name] = out

    with hooked(dict(model.named_modules()), record):
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
        height, width = out.shape[-2:]
        if name and height * width > 1 and out.requires_grad:
            found[name] = out
    last = None
    if found and scores.requires_grad:
        target = scores.amax(dim=1).sum()
        outputs = list(found.values())
        gradients = torch.autograd.grad(target, outputs, allow_unused=True)
        for name, gradient in zip(found, gradients, strict=True):
            if gradient is not None:
                last = name
    if last is None:
        shapes = {name: tuple(out.shape) for name, out in maps.items()}
        raise ValueError(f'layer: expected one with maps of several pixels, got {shapes or "none"}')
    return last


def _is_map(out: object) -> bool:
    """Return whether it is (N, C, H, W) or (N, C, T, H, W)."""
    return isinstance(out, Tensor) and out.dim() in (4, 5)


def _normalise(heat: Tensor, *, clips: int) -> Tensor:
    """Divide the maps (N, ...) of every clip by their maximum."""
    if len(heat) % clips:
        raise ValueError(f'layer: expected maps for each of {clips} clips, got {len(heat)} maps')
    values = heat.reshape(clips, -1)  # all of a clip in a row
    peaks = values.amax(dim=1, keepdim=True)
    peaks = peaks.clamp(min=torch.finfo(heat.dtype).tiny)
    relative = values / peaks
    return relative.reshape(heat.shape)
