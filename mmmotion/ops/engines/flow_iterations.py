"""The iterations of the representation flow, differentiable, in the memory of a tile of maps.

With U = (tau / theta) u, no number is left inside the loop but the four weights of the divergence:

    U <- U - clamp(rho + h U, -1, 1) g + w div(p),    p <- (p + grad U) / (1 + |grad U|),

where rho, h and g are scaled by the caller. Maps are independent, so a tile of them goes through
all iterations before the next: its fields stay in cache. The backward pass computes its states
anew.

Both passes are registered as operators, since a compiler would unroll their loops.
"""

from collections.abc import Iterator
from typing import Any

import torch
from torch import Tensor

from mmmotion.ops.engines.flow_compiled import iterate_backward_compiled, iterate_compiled, library
from mmmotion.ops.engines.flow_tile import FlowTile, FlowTileGradient

__all__ = ['flow_iterations']

TILE_PIXELS = 5 * 2**14  # of all maps of a tile, on a CPU; on other devices, all maps are one tile


@torch.library.custom_op('mmmotion::flow_iterations', mutates_args=())
def flow_iterations(
    rho: Tensor,
    h: Tensor,
    g: Tensor,
    weights: Tensor,
    kernels: Tensor | None,
    num_iters: int,
    sobel: bool,
    compiled: bool,
) -> Tensor:
    """Iterate maps: rho (B, H, W), h and g (2, B, H, W), weights (4,); U is (2, B, H, W)."""
    if _uses_library(rho, kernels, compiled):
        return iterate_compiled(rho, h, g, weights, num_iters, sobel)
    out = g.new_empty(g.shape)
    with torch.autocast(rho.device.type, enabled=False):
        for index, fields in _tiles(rho, h, g):
            tile = FlowTile(*fields, weights, kernels, sobel)
            for _ in range(num_iters):
                tile.iterate()
            out[:, index] = tile.u.movedim(-1, 1)
    return out


@torch.library.custom_op('mmmotion::flow_iterations_backward', mutates_args=())
def _iterations_backward(
    grad: Tensor,
    rho: Tensor,
    h: Tensor,
    g: Tensor,
    weights: Tensor,
    kernels: Tensor | None,
    num_iters: int,
    sobel: bool,
    compiled: bool,
) -> tuple[Tensor, Tensor, Tensor, Tensor, Tensor]:
    if _uses_library(rho, kernels, compiled):
        grads = iterate_backward_compiled(grad, rho, h, g, weights, num_iters, sobel)
        return *grads, rho.new_zeros(2, 3, 3)
    of_rho, of_h, of_g = (value.new_empty(value.shape) for value in (rho, h, g))
    of_weights, of_kernels = torch.zeros_like(weights), rho.new_zeros(2, 3, 3)
    with torch.autocast(rho.device.type, enabled=False):
        for index, fields in _tiles(rho, h, g):
            tile = FlowTile(*fields, weights, kernels, sobel)
            grads_of_tile = FlowTileGradient(tile, of_weights, of_kernels)
            grads_of_tile.run(grad[:, index].movedim(1, -1).contiguous(), num_iters)
            of_rho[index] = grads_of_tile.rho.movedim(-1, 0)
            of_h[:, index] = grads_of_tile.h.movedim(-1, 1)
            of_g[:, index] = grads_of_tile.g.movedim(-1, 1)
    return of_rho, of_h, of_g, of_weights, of_kernels


def _tiles(
    rho: Tensor, h: Tensor, g: Tensor
) -> Iterator[tuple[slice, tuple[Tensor, Tensor, Tensor]]]:
    """Yield which maps a tile is of, and its fields, maps last."""
    area = max(1, rho.shape[1] * rho.shape[2])
    size = max(1, TILE_PIXELS // area if rho.device.type == 'cpu' else len(rho))
    for start in range(0, len(rho), size):
        index = slice(start, start + size)
        tile = rho[index], h[:, index], g[:, index]
        a, b, c = (value.movedim(-3, -1).contiguous() for value in tile)
        yield index, (a, b, c)


def _uses_library(rho: Tensor, kernels: Tensor | None, compiled: bool) -> bool:
    return compiled and rho.device.type == 'cpu' and kernels is None and library() is not None


@flow_iterations.register_fake
def _(rho: Tensor, h: Tensor, g: Tensor, *_: Any) -> Tensor:
    return torch.empty_like(g, memory_format=torch.contiguous_format)


@_iterations_backward.register_fake
def _(grad: Tensor, rho: Tensor, h: Tensor, g: Tensor, weights: Tensor, *_: Any) -> Any:
    return (
        rho.new_empty(rho.shape),
        h.new_empty(h.shape),
        g.new_empty(g.shape),
        torch.empty_like(weights),
        rho.new_empty(2, 3, 3),
    )


def _setup_context(ctx: Any, inputs: tuple[Any, ...], output: Tensor) -> None:
    *tensors, ctx.num_iters, ctx.sobel, ctx.compiled = inputs
    ctx.save_for_backward(*tensors)


def _backward(ctx: Any, grad: Tensor) -> tuple[Tensor | None, ...]:
    *grads, of_kernels = _iterations_backward(
        grad, *ctx.saved_tensors, ctx.num_iters, ctx.sobel, ctx.compiled
    )
    learned = ctx.needs_input_grad[4]
    return (*grads, of_kernels if learned else None, None, None, None)


flow_iterations.register_autograd(_backward, setup_context=_setup_context)
