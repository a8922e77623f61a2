"""Checks at the public edge of the operators: what was expected and what came, in one sentence."""

from collections.abc import Collection, Sequence

from torch import Tensor

__all__ = ['check_choice', 'check_float', 'check_frames', 'check_shape']


def check_float(name: str, value: Tensor) -> None:
    """Raise a TypeError unless ``value`` is a floating-point tensor."""
    if not isinstance(value, Tensor):
        raise TypeError(f'{name}: expected a tensor, got {type(value).__name__}')
    if not value.is_floating_point():
        raise TypeError(f'{name}: expected a floating-point type, got {value.dtype}')


def check_shape(name: str, value: Tensor, expected: Sequence[int | str]) -> None:
    """Raise a ValueError unless ``value`` has the expected sizes; a string stands for any size."""
    fits = value.ndim == len(expected)
    if fits:
        for size, wanted in zip(value.shape, expected, strict=True):
            fits = fits and (isinstance(wanted, str) or size == wanted)
    if not fits:
        pattern = ', '.join(str(wanted) for wanted in expected)
        raise ValueError(f'{name}: expected the shape ({pattern}), got {tuple(value.shape)}')


def check_frames(name: str, clip: Tensor, expected: Sequence[int | str]) -> None:
    """Raise a ValueError unless ``clip`` has the expected sizes, and two frames: axis 1 is time."""
    check_shape(name, clip, expected)
    if clip.shape[1] < 2:
        shape = tuple(clip.shape)
        raise ValueError(f'{name}: expected {expected[1]} >= 2 frames, got the shape {shape}')


def check_choice(name: str, value: str, choices: Collection[str]) -> None:
    """Raise a ValueError unless ``value`` is one of the choices."""
    if value not in choices:
        raise ValueError(f'{name}: expected one of {", ".join(choices)}, got {value!r}')
