"""What stands inside a backbone: maps of chosen modules, their channels and their strides."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import torch
from torch import Tensor, nn

from .first_conv import find_first_conv

__all__ = ['describe_maps', 'run_backbone', 'tapped']

SIDE = 64  # of the image that is tried: a multiple of every usual stride


@contextmanager
def tapped(backbone: nn.Module, names: Sequence[str]) -> Iterator[dict[str, Tensor]]:
    """Collect what the modules ``names`` of ``backbone`` give while it runs.

    Raises:
        ValueError: there is no such module.
    """
    maps: dict[str, Tensor] = {}
    handles = [
        _find(backbone, name).register_forward_hook(
            lambda _, __, out, name=name: maps.update({name: out})
        )
        for name in names
    ]
    try:
        yield maps
    finally:
        for handle in handles:
            handle.remove()


@torch.no_grad()
def describe_maps(backbone: nn.Module, names: Sequence[str]) -> tuple[list[int], list[int], int]:
    """Ask ``backbone`` about its maps by a try on a small black image.

    Returns:
        The channels of each map, its stride in pixels of the input, and the channels that the
        backbone itself gives, last.
    """
    training = {module: module.training for module in backbone.modules()}
    backbone.eval()
    with tapped(backbone, names) as maps:
        last = run_backbone(backbone, _black_image(backbone))
    for module, mode in training.items():
        module.training = mode
    shapes = [maps[name].shape for name in names]
    return [s[1] for s in shapes], [round(SIDE / s[-1]) for s in shapes], last.shape[1]


def run_backbone(backbone: nn.Module, images: Tensor) -> Tensor:
    """Return the last map of a backbone, (N, C, H, W), whoever made it."""
    forward = getattr(backbone, 'forward_features', backbone)  # timm's
    out = forward(images)
    return out if isinstance(out, Tensor) else out[-1]


def _black_image(backbone: nn.Module) -> Tensor:
    conv = find_first_conv(backbone)
    frames = getattr(backbone, 'clip_len', None)  # a MotionBackbone sees stacks
    shape = (conv.in_channels, SIDE, SIDE) if frames is None else (3, frames, SIDE, SIDE)
    return conv.weight.new_zeros(1, *shape)


def _find(backbone: nn.Module, name: str) -> nn.Module:
    try:
        return backbone.get_submodule(name)
    except AttributeError:
        known = ', '.join(child for child, _ in backbone.named_children())
        raise ValueError(
            f'features: expected names of modules of {type(backbone).__name__} ({known}), '
            f'got {name!r}'
        ) from None
