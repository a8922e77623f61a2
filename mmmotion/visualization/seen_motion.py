"""The motion that a recogniser saw in a video, heard from its own modules while it ran.

What is drawn is what the model computed: within its clips and stacks, and never across two.
"""

from collections.abc import Callable, Iterator
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
    names = [name for name, module in model.named_modules() if isinstance(module, tuple(READERS))]
    with tapped(model, names) as heard:
        yield heard


def first_motion(model: nn.Module, heard: dict[str, object]) -> SeenMotion | None:
    """Return the motion to show of what was heard, None of a model without any.

    If there are several, it is of the kind that is named first in ``READERS``, and of the first
    module of that kind.
    """
    for kind, read in READERS.items():
        for name, out in heard.items():
            module = model.get_submodule(name)
            if isinstance(module, kind) and not getattr(module, 'hypercolumn', False):
                return read(module, out)
    return None


def _read_off_unit(unit: nn.Module, out: Tensor) -> SeenMotion:
    # Of every map its spatial gradients and then the difference: that of the first map.
    first = out[:, :, : out.shape[2] // len(unit.reduce)]
    return _read_change('OFF, the change of features (Ft)', first[:, :, -unit.paths[0] :])


def _read_off(module: nn.Module, out: Tensor) -> SeenMotion:
    return _read_change('OFF, the change in time (Ft)', out.chunk(3, dim=2)[-1])


def _read_flow(module: nn.Module, out: Tensor) -> SeenMotion:
    """Show the channel that moves most, of flows (n, T, 2 C, h, w), all x before all y."""
    flows = out.float().unflatten(2, (2, -1))
    channel = int(flows.square().sum(2).mean((0, 1, 3, 4)).argmax())
    return _read_vectors(f'representation flow of channel {channel}', flows[:, :, :, channel])


def _read_displacement(module: nn.Module, out: Tensor) -> SeenMotion:
    return _read_vectors('the displacement of features', out)


def _read_persistence(module: nn.Module, out: Tensor) -> SeenMotion:
    name = 'persistence of appearance'
    return _read_change(name, out.unsqueeze(2) if out.dim() == 4 else out)


def _read_residuals(module: nn.Module, out: Tensor) -> SeenMotion:
    return _read_change('residual frames', out)


def _read_preprocessed(module: nn.Module, out: dict) -> SeenMotion:
    clips = out['inputs'].flatten(0, 1).transpose(1, 2)
    return _read_change('residual frames', clips)


def _read_change(name: str, out: Tensor) -> SeenMotion:
    """Show the mean size of changes (n, T, C, h, w) over their channels."""
    return SeenMotion(name, out.float().abs().mean(2).cpu().numpy())


def _read_vectors(name: str, vectors: Tensor) -> SeenMotion:
    """Show vectors (n, T, 2, h, w) as colours, on one scale."""
    pictures = flows_to_rgb(vectors.float().flatten(0, 1).cpu().numpy())
    return SeenMotion(name, pictures.reshape(*vectors.shape[:2], *pictures.shape[1:]))


READERS: dict[type, Callable[[nn.Module, object], SeenMotion]] = {
    OFFUnit: _read_off_unit,
    Off: _read_off,
    RepresentationFlow: _read_flow,
    DisplacementMap: _read_displacement,
    PersistenceOfAppearance: _read_persistence,
    ResidualFrames: _read_residuals,
    ResidualDataPreprocessor: _read_preprocessed,
}
