"""Listening to the modules of a network, and a try of what they give: channels and strides."""

import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from typing import Any

import torch
from torch import Tensor, nn

from mmmotion.models.wrappers.base import takes_clips
from mmmotion.models.wrappers.first_conv import find_first_conv

__all__ = ['Call', 'Listener', 'describe_maps', 'hooked', 'run_backbone', 'tapped']

SIDES = (64, 224)  # of the image that is tried; some transformers take no other than the second
CLIP_LEN = 16  # of the clip that is tried with a 3D backbone


class Call(threading.local):
    """What belongs to one forward pass, kept apart for every thread that runs the model.

    A module that holds one can be run by several threads at once, copied, pickled, compiled and
    exported: a copy starts with a fresh one.
    """

    def __reduce__(self) -> tuple[type, tuple]:
        return type(self), ()


class _Heard(Call):
    maps: dict[str, Any] | None = None


class Listener:
    """Hear what modules of a network give, through hooks that are registered once.

    Args:
        network: the network.
        names: of its modules.

    Raises:
        ValueError: there is no module of a name.

    Example:
        >>> network = nn.Sequential(nn.Linear(3, 2), nn.ReLU())
        >>> listener = Listener(network, ['0'])
        >>> with listener.hear() as heard:
        ...     out = network(torch.zeros(1, 3))
        >>> heard['0'].shape
        torch.Size([1, 2])
    """

    def __init__(self, network: nn.Module, names: Sequence[str]) -> None:
        self.call = _Heard()
        self.handles = [
            _find(network, name).register_forward_hook(partial(self._note, name)) for name in names
        ]

    @contextmanager
    def hear(self) -> Iterator[dict[str, Any]]:
        """Collect what the modules give in this thread, by name; of several runs, the last."""
        heard = self.call.maps = {}
        try:
            yield heard
        finally:
            self.call.maps = None

    def remove(self) -> None:
        """Take the hooks away."""
        for handle in self.handles:
            handle.remove()

    def _note(self, name: str, module: nn.Module, inputs: tuple, out: Any) -> None:
        if self.call.maps is not None:
            self.call.maps[name] = out


@contextmanager
def tapped(network: nn.Module, names: Sequence[str]) -> Iterator[dict[str, Any]]:
    """Collect what the modules ``names`` of ``network`` give, as a :class:`Listener` does, once.

    Raises:
        ValueError: there is no such module.
    """
    listener = Listener(network, names)
    try:
        with listener.hear() as heard:
            yield heard
    finally:
        listener.remove()


@contextmanager
def hooked(
    modules: Mapping[str, nn.Module], note: Callable[[str, nn.Module, tuple, Any], Any]
) -> Iterator[None]:
    """Call ``note`` after each run of one of ``modules``, until the context ends.

    Args:
        modules: by name.
        note: gets the name, the module, its positional arguments and its output. What it returns
            takes the place of the output, unless it is None.
    """
    handles = [
        module.register_forward_hook(partial(note, name)) for name, module in modules.items()
    ]
    try:
        yield
    finally:
        for handle in handles:
            handle.remove()


@torch.no_grad()
def describe_maps(backbone: nn.Module, names: Sequence[str]) -> tuple[list[int], list[int], int]:
    """Ask ``backbone`` about its maps by a try on small black images.

    Returns:
        The channels of each map, its stride in pixels of the input, and the channels that the
        backbone itself gives, last.

    Raises:
        ValueError: a module does not run, or gives no map of channels and pixels.
    """
    training = {module: module.training for module in backbone.modules()}
    backbone.eval()
    try:
        with tapped(backbone, names) as maps:
            last, side = _try_sides(backbone)
    finally:
        for module, mode in training.items():
            module.training = mode
    shapes = [_shape_of_map(name, maps) for name in names]
    return [s[1] for s in shapes], [round(side / s[-1]) for s in shapes], last.shape[1]


def run_backbone(backbone: nn.Module, images: Tensor) -> Tensor:
    """Return the last map of a backbone, (N, C, H, W), whoever made it."""
    forward = getattr(backbone, 'forward_features', backbone)  # timm's
    out = forward(images)
    return out if isinstance(out, Tensor) else out[-1]


def _try_sides(backbone: nn.Module) -> tuple[Tensor, int]:
    """Return the last map and the side of the first images that the backbone takes."""
    *sides, last_side = SIDES
    for side in sides:
        try:
            return run_backbone(backbone, _black_images(backbone, side)), side
        except (AssertionError, RuntimeError, ValueError):  # of a network of one size
            continue
    return run_backbone(backbone, _black_images(backbone, last_side)), last_side


def _black_images(backbone: nn.Module, side: int) -> Tensor:
    """Return what the backbone takes: images, as many as it shifts among, a stack or a clip."""
    conv = find_first_conv(backbone)
    stack = getattr(backbone, 'clip_len', None)  # a MotionBackbone sees stacks
    if stack is not None:
        shape = (3, stack, side, side)
    elif takes_clips(backbone):
        shape = (conv.in_channels, CLIP_LEN, side, side)
    else:
        shape = (conv.in_channels, side, side)
    num_images = getattr(backbone, 'num_segments', None) or 1
    return conv.weight.new_zeros(num_images, *shape)


def _shape_of_map(name: str, maps: dict[str, Tensor]) -> torch.Size:
    if name not in maps:
        raise ValueError(f'{name}: expected a module that runs, got one that only holds others')
    found = maps[name]
    if not isinstance(found, Tensor):
        raise ValueError(f'{name}: expected a module that gives a map, got {type(found).__name__}')
    if found.dim() not in (4, 5):
        raise ValueError(
            f'{name}: expected a module that gives maps (N, C, H, W) or (N, C, T, H, W), '
            f'got {tuple(found.shape)}'
        )
    return found.shape


def _find(backbone: nn.Module, name: str) -> nn.Module:
    try:
        return backbone.get_submodule(name)
    except AttributeError:
        known = ', '.join(child for child, _ in backbone.named_children())
        raise ValueError(
            f'features: expected names of modules of {type(backbone).__name__} ({known}), '
            f'got {name!r}'
        ) from None
