"""What stands inside a backbone: maps of chosen modules, their channels and their strides."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import torch
from torch import Tensor, nn

from mmmotion.models.wrappers.first_conv import find_first_conv

__all__ = ['describe_maps', 'run_backbone', 'takes_clips', 'tapped']

SIDES = (64, 224)  # of the image that is tried; some transformers take no other than the second
CLIP_LEN = 16  # of the clip that is tried with a 3D backbone


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


def takes_clips(backbone: nn.Module) -> bool:
    """Say whether a backbone is 3D: its first convolution, unless its ``takes_clips`` says."""
    first_is_3d = isinstance(find_first_conv(backbone), nn.Conv3d)
    return getattr(backbone, 'takes_clips', first_is_3d)


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
