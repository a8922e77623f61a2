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
    mode: str,
    compiled: bool,
) -> Tensor:
    """Iterate B maps, independent of each other, from zero flow.

    Args:
        rho: the residual at zero flow, scaled, (B, H, W).
        h: its change with the flow in x and y, scaled, (2, B, H, W).
        g: the longest step in x and y, scaled, (2, B, H, W).
        weights: of the left, the middle, the upper and the middle pixel in the divergence, (4,).
        kernels: of grad U, for x and y, (2, 3, 3); None: those of the mode.
        num_iters: the number of iterations.
        mode: ``'paper'``: grad U is by Sobel's kernels; ``'tvl1'``: by forward differences.
        compiled: whether a CPU may run them in C++, which it does without ``kernels``.

    Returns:
        U, (2, B, H, W).
    """
    if _uses_library(rho, kernels, compiled):
        return iterate_compiled(rho, h, g, weights, num_iters, mode)
    out = g.new_empty(g.shape)
    with torch.autocast(rho.device.type, enabled=False):
        for maps, fields in _tiles(rho, h, g):
            tile = FlowTile(*fields, weights, kernels, mode)
            for _ in range(num_iters):
                tile.iterate()
            out[:, maps] = tile.u.movedim(-1, 1)
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
    mode: str,
    compiled: bool,
) -> tuple[Tensor, Tensor, Tensor, Tensor, Tensor]:
    of_kernels = rho.new_zeros(2, 3, 3)
    if _uses_library(rho, kernels, compiled):
        grads = iterate_backward_compiled(grad, rho, h, g, weights, num_iters, mode)
        return *grads, of_kernels
    of_rho = rho.new_empty(rho.shape)
    of_h = h.new_empty(h.shape)
    of_g = g.new_empty(g.shape)
    of_weights = torch.zeros_like(weights)
    with torch.autocast(rho.device.type, enabled=False):
        for maps, fields in _tiles(rho, h, g):
            tile = FlowTile(*fields, weights, kernels, mode)
            tile_grad = FlowTileGradient(tile, of_weights, of_kernels)
            of_u = grad[:, maps].movedim(1, -1).contiguous()  # (2, H, W, M)
            tile_grad.run(of_u, num_iters)
            of_rho[maps] = tile_grad.rho.movedim(-1, 0)
            of_h[:, maps] = tile_grad.h.movedim(-1, 1)
            of_g[:, maps] = tile_grad.g.movedim(-1, 1)
    return of_rho, of_h, of_g, of_weights, of_kernels


def _tiles(
    rho: Tensor, h: Tensor, g: Tensor
) -> Iterator[tuple[slice, tuple[Tensor, Tensor, Tensor]]]:
    """Yield which maps a tile is of, and its rho, h and g with these M maps last."""
    num_maps, height, width = rho.shape
    size = num_maps
    if rho.device.type == 'cpu':
        size = TILE_PIXELS // max(1, height * width)
    size = max(1, size)
    for start in range(0, num_maps, size):
        maps = slice(start, start + size)
        fields = (
            rho[maps].movedim(0, -1).contiguous(),  # (H, W, M)
            h[:, maps].movedim(1, -1).contiguous(),  # (2, H, W, M)
            g[:, maps].movedim(1, -1).contiguous(),
        )
        yield maps, fields


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
    *tensors, ctx.num_iters, ctx.mode, ctx.compiled = inputs
    ctx.save_for_backward(*tensors)


def _backward(ctx: Any, grad: Tensor) -> tuple[Tensor | None, ...]:
    settings = ctx.num_iters, ctx.mode, ctx.compiled
    *grads, of_kernels = _iterations_backward(grad, *ctx.saved_tensors, *settings)
    learned = ctx.needs_input_grad[4]
    return (*grads, of_kernels if learned else None, None, None, None)


flow_iterations.register_autograd(_backward, setup_context=_setup_context)
