"""Checks at the public edge of the operators: what was expected and what came, in one sentence."""

from collections.abc import Sequence

from torch import Tensor

__all__ = ['check_float', 'check_shape']


def check_float(name: str, value: Tensor) -> None:
    """Raise a TypeError unless ``value`` is a floating-point tensor."""
    if not isinstance(value, Tensor):
        raise TypeError(f'{name} must be a tensor, got {type(value).__name__}.')
    if not value.is_floating_point():
        raise TypeError(f'{name} must be of a floating-point type, got {value.dtype}.')


def check_shape(name: str, value: Tensor, expected: Sequence[int | str]) -> None:
    """Raise a ValueError unless ``value`` has the expected sizes; a string stands for any size."""
    fits = value.ndim == len(expected) and all(
        isinstance(want, str) or want == size
        for want, size in zip(expected, value.shape, strict=True)
    )
    if not fits:
        pattern = ', '.join(map(str, expected))
        raise ValueError(f'{name} must have the shape ({pattern}), got {tuple(value.shape)}.')
