"""The iterations of the representation flow in C++: one function for all shapes and counts."""

import ctypes
import functools
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from mmmotion.ops.engines.build import load_library

__all__ = ['iterate_backward_compiled', 'iterate_compiled', 'library']

SOURCE = Path(__file__).with_name('flow_iterations.cpp')


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
    rho: Tensor, h: Tensor, g: Tensor, weights: Tensor, num_iters: int, mode: str
) -> Tensor:
    """Compute the scaled flow, (2, B, H, W), of maps on a CPU; the arguments are the operator's."""
    compiled = library()
    assert compiled is not None
    forward = compiled.forward_float if rho.dtype == torch.float32 else compiled.forward_double
    out = torch.empty_like(g, memory_format=torch.contiguous_format)
    _call(forward, (rho, h, g, weights), (out,), num_iters, mode)
    return out


def iterate_backward_compiled(
    grad: Tensor,
    rho: Tensor,
    h: Tensor,
    g: Tensor,
    weights: Tensor,
    num_iters: int,
    mode: str,
) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """Compute the gradients of ``rho``, ``h``, ``g`` and ``weights``."""
    compiled = library()
    assert compiled is not None
    backward = compiled.backward_float if rho.dtype == torch.float32 else compiled.backward_double
    of_rho = rho.new_empty(rho.shape)
    of_h = h.new_empty(h.shape)
    of_g = g.new_empty(g.shape)
    of_weights = rho.new_zeros(rho.shape[0], 4)  # of each map
    outs = of_rho, of_h, of_g, of_weights
    _call(backward, (grad, rho, h, g, weights), outs, num_iters, mode)
    return of_rho, of_h, of_g, of_weights.sum(0)


def _call(
    function: Callable[..., Any],
    inputs: tuple[Tensor, ...],
    outs: tuple[Tensor, ...],
    num_iters: int,
    mode: str,
) -> None:
    inputs = tuple(value.contiguous() for value in inputs)  # alive until the function returns
    pointers = [ctypes.c_void_p(value.data_ptr()) for value in (*inputs, *outs)]
    num_maps, height, width = inputs[1].shape[-3:]
    sobel = mode == 'paper'
    numbers = num_maps, height, width, num_iters, torch.get_num_threads(), sobel
    function(*pointers, *map(ctypes.c_int64, numbers))
