"""The motion that a recogniser saw in a video, recorded from its own modules while it ran.

What is drawn is what the model computed: within its clips and stacks, and never across two.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from numpy.typing import NDArray
from torch import Tensor, nn

from mmmotion.models import ResidualDataPreprocessor
from mmmotion.models.blocks.off_unit import OFFUnit
from mmmotion.models.wrappers.probes import tapped
from mmmotion.ops import (
    DisplacementMap,
    Off,
    PersistenceOfAppearance,
    RepresentationFlow,
    ResidualFrames,
)
from mmmotion.visualization.flow_wheel import flows_to_rgb

__all__ = ['SeenMotion', 'first_motion', 'watch_motion']


# The modules that find motion, the one to show first.
KINDS = (
    OFFUnit,
    Off,
    RepresentationFlow,
    DisplacementMap,
    PersistenceOfAppearance,
    ResidualFrames,
    ResidualDataPreprocessor,
)


@dataclass(frozen=True)
class SeenMotion:
    """Motion of the clips of one video.

    Args:
        name: what it is.
        maps: (n, T, h, w), bright where it moves, or (n, T, h, w, 3), colours of a flow: T maps of
            each of n clips or stacks, in order of time.
    """

    name: str
    maps: NDArray


@contextmanager
def watch_motion(model: nn.Module) -> Iterator[dict[str, object]]:
    """Listen to the modules that find motion while ``model`` runs.

    Yields:
        What each gave, by its name in ``model``; for :func:`first_motion`.
    """
    names = [name for name, module in model.named_modules() if isinstance(module, KINDS)]
    with tapped(model, names) as heard:
        yield heard


def first_motion(model: nn.Module, heard: dict[str, object]) -> SeenMotion | None:
    """Return the motion to show of what was heard, None of a model without any.

    If there are several, it is of the kind that is named first in ``KINDS``, and of the first
    module of that kind.
    """
    for kind in KINDS:
        for name, out in heard.items():
            module = model.get_submodule(name)
            if isinstance(module, kind) and not getattr(module, 'hypercolumn', False):
                return _read(module, out)
    return None


def _read(module: nn.Module, out: Tensor | dict) -> SeenMotion:
    """Return what to show of what a module gave for the clips of a video."""
    if isinstance(module, OFFUnit):
        # Of every map its spatial gradients and then the difference: that of the first map.
        channels = out.shape[2] // len(module.reduce)  # of one map
        first = out[:, :, :channels]
        difference = first[:, :, -module.temporal_channels :]
        return _show_change('OFF, the change of features (Ft)', difference)
    if isinstance(module, Off):
        difference = out.chunk(3, dim=2)[-1]  # after Fx and Fy
        return _show_change('OFF, the change in time (Ft)', difference)
    if isinstance(module, RepresentationFlow):
        flows = out.float().unflatten(2, (2, -1))  # (n, T, 2, C, h, w)
        lengths = flows.square().sum(2)
        means = lengths.mean((0, 1, 3, 4))  # (C,)
        fastest = int(means.argmax())
        return _show_vectors(f'representation flow of channel {fastest}', flows[:, :, :, fastest])
    if isinstance(module, DisplacementMap):
        return _show_vectors('the displacement of features', out)
    if isinstance(module, PersistenceOfAppearance):
        maps = out.unsqueeze(2) if out.dim() == 4 else out  # (n, T, C, h, w)
        return _show_change('persistence of appearance', maps)
    if isinstance(module, ResidualDataPreprocessor):
        out = out['inputs'].flatten(0, 1).transpose(1, 2)  # from (B, V, 3, T, H, W)
    return _show_change('residual frames', out)


def _show_change(name: str, out: Tensor) -> SeenMotion:
    """Show the mean size of changes (n, T, C, h, w) over their channels."""
    size = out.float().abs().mean(dim=2)
    return SeenMotion(name, size.cpu().numpy())


def _show_vectors(name: str, vectors: Tensor) -> SeenMotion:
    """Show vectors (n, T, 2, h, w) as colours, on one scale."""
    flows = vectors.float().flatten(0, 1)  # (n T, 2, h, w)
    pictures = flows_to_rgb(flows.cpu().numpy())  # (n T, h, w, 3)
    maps = pictures.reshape(*vectors.shape[:2], *pictures.shape[1:])
    return SeenMotion(name, maps)
