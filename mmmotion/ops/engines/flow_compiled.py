"""The iterations of the representation flow in C++: one function for all shapes and counts."""

import ctypes
import functools
import warnings
from pathlib import Path

import torch
from torch import Tensor

from mmmotion.ops.engines.build import load_library

__all__ = ['iterate_backward_compiled', 'iterate_compiled', 'library']

SOURCE = Path(__file__).with_name('flow_iterations.cpp')
NAMES = {torch.float32: 'float', torch.float64: 'double'}


@functools.cache
def library() -> ctypes.CDLL | None:
    """Load the library, built on first use in seconds; None, with a warning, where it cannot be."""
    try:
        return load_library(SOURCE)
    except (ImportError, OSError, RuntimeError) as error:
        warnings.warn(
            'representation_flow: expected to build its C++, and runs in PyTorch, more slowly; '
            f'install g++ or clang++, or name a compiler in CXX. Got: {error}',
            stacklevel=2,
        )
        return None


def iterate_compiled(
    rho: Tensor, h: Tensor, g: Tensor, weights: Tensor, num_iters: int, sobel: bool
) -> Tensor:
    """Compute the scaled flow, (2, maps, H, W), on a CPU."""
    out = torch.empty_like(g, memory_format=torch.contiguous_format)
    _call('forward', (rho, h, g, weights), (out,), num_iters, sobel)
    return out


def iterate_backward_compiled(
    grad: Tensor,
    rho: Tensor,
    h: Tensor,
    g: Tensor,
    weights: Tensor,
    num_iters: int,
    sobel: bool,
) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """Compute the gradients of ``rho``, ``h``, ``g`` and ``weights``."""
    of_rho, of_h, of_g = (value.new_empty(value.shape) for value in (rho, h, g))
    of_weights = rho.new_zeros(len(rho), 4)
    outs = of_rho, of_h, of_g, of_weights
    _call('backward', (grad, rho, h, g, weights), outs, num_iters, sobel)
    return of_rho, of_h, of_g, of_weights.sum(0)


def _call(
    name: str,
    inputs: tuple[Tensor, ...],
    outs: tuple[Tensor, ...],
    num_iters: int,
    sobel: bool,
) -> None:
    function = getattr(library(), f'{name}_{NAMES[outs[0].dtype]}')
    inputs = tuple(value.contiguous() for value in inputs)
    pointers = [ctypes.c_void_p(value.data_ptr()) for value in (*inputs, *outs)]
    numbers = (*inputs[1].shape[-3:], num_iters, torch.get_num_threads(), sobel)
    function(*pointers, *map(ctypes.c_int64, numbers))
