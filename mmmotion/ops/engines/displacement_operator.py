"""Displacement maps as one registered operator, with an engine for the CPU and one for GPUs.

Registered, since a compiler would unroll the loops of the engines.
"""

from typing import Any

import torch
from torch import Tensor
from torch.utils.flop_counter import register_flop_formula

from mmmotion.ops.engines.displacement_cpu import displacement_cpu, displacement_cpu_backward
from mmmotion.ops.engines.displacement_gpu import displacement_gpu, displacement_gpu_backward

__all__ = ['DEVICES', 'displacement']

DEVICES = ('cpu', 'cuda')


@torch.library.custom_op('mmmotion::displacement', mutates_args=(), device_types='cpu')
def displacement(q: Tensor, k: Tensor, reach_y: int, reach_x: int, tau: float | None) -> Tensor:
    """Find the displacements from ``q`` to ``k`` by their dot products.

    Differentiable with respect to both.

    Args:
        q: the queries of :func:`~mmmotion.ops.engines.matching.match`, (N, C, H, W).
        k: the keys, (N, C, H, W).
        reach_y: how many rows up and down the candidates of a query are.
        reach_x: how many columns to the left and to the right they are.
        tau: temperature of the softmax; None: the winner takes all, without a gradient.

    Returns:
        (dx, dy) of each query, (N, 2, H, W).
    """
    return displacement_cpu(q, k, reach_y, reach_x, tau)


@torch.library.custom_op('mmmotion::displacement_backward', mutates_args=(), device_types='cpu')
def _displacement_backward(
    grad: Tensor, q: Tensor, k: Tensor, reach_y: int, reach_x: int, tau: float
) -> tuple[Tensor, Tensor]:
    return displacement_cpu_backward(grad, q, k, reach_y, reach_x, tau)


displacement.register_kernel('cuda', displacement_gpu)
_displacement_backward.register_kernel('cuda', displacement_gpu_backward)


@displacement.register_fake
def _(q: Tensor, k: Tensor, reach_y: int, reach_x: int, tau: float | None) -> Tensor:
    return q.new_empty(q.shape[0], 2, *q.shape[2:])


@_displacement_backward.register_fake
def _(
    grad: Tensor, q: Tensor, k: Tensor, reach_y: int, reach_x: int, tau: float
) -> tuple[Tensor, Tensor]:
    return q.new_empty(q.shape), k.new_empty(k.shape)


def _setup_context(ctx: Any, inputs: tuple[Any, ...], output: Tensor) -> None:
    q, k, ctx.reach_y, ctx.reach_x, ctx.tau = inputs
    ctx.save_for_backward(q, k)


def _backward(ctx: Any, grad: Tensor) -> tuple[Tensor | None, ...]:
    q, k = ctx.saved_tensors
    if ctx.tau is None:
        return None, None, None, None, None
    with torch.autocast(grad.device.type, enabled=False):  # a backward pass may stand inside
        grad_q, grad_k = _displacement_backward(grad, q, k, ctx.reach_y, ctx.reach_x, ctx.tau)
    return grad_q, grad_k, None, None, None


displacement.register_autograd(_backward, setup_context=_setup_context)


# A counter of operations does not look inside an operator: 2 per multiply-add that the definition
# asks for, a product forward and three backward.
@register_flop_formula(torch.ops.mmmotion.displacement)
def _flops(
    q: torch.Size, k: torch.Size, reach_y: int, reach_x: int, *_: Any, out_shape: torch.Size
) -> int:
    return 2 * _multiply_adds(q, reach_y, reach_x)


@register_flop_formula(torch.ops.mmmotion.displacement_backward)
def _backward_flops(
    grad: torch.Size,
    q: torch.Size,
    k: torch.Size,
    reach_y: int,
    reach_x: int,
    *_: Any,
    out_shape: Any,
) -> int:
    return 6 * _multiply_adds(q, reach_y, reach_x)


def _multiply_adds(q: torch.Size, reach_y: int, reach_x: int) -> int:
    num_candidates = (2 * reach_y + 1) * (2 * reach_x + 1)
    return q.numel() * num_candidates
