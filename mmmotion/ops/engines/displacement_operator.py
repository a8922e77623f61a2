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
def displacement(q: Tensor, k: Tensor, dh: int, dw: int, tau: float) -> Tensor:
    """Find the displacements from ``q`` to ``k`` by their dot products, (N, 2, H, W).

    Differentiable with respect to both; for tau = 0 the winner takes all, without a gradient.
    """
    return displacement_cpu(q, k, dh, dw, tau)


@torch.library.custom_op('mmmotion::displacement_backward', mutates_args=(), device_types='cpu')
def _displacement_backward(
    grad: Tensor, q: Tensor, k: Tensor, dh: int, dw: int, tau: float
) -> tuple[Tensor, Tensor]:
    return displacement_cpu_backward(grad, q, k, dh, dw, tau)


displacement.register_kernel('cuda', displacement_gpu)
_displacement_backward.register_kernel('cuda', displacement_gpu_backward)


@displacement.register_fake
def _(q: Tensor, k: Tensor, dh: int, dw: int, tau: float) -> Tensor:
    return q.new_empty(q.shape[0], 2, *q.shape[2:])


@_displacement_backward.register_fake
def _(grad: Tensor, q: Tensor, k: Tensor, dh: int, dw: int, tau: float) -> tuple[Tensor, Tensor]:
    return q.new_empty(q.shape), k.new_empty(k.shape)


def _setup_context(
    ctx: Any, inputs: tuple[Tensor, Tensor, int, int, float], output: Tensor
) -> None:
    q, k, *ctx.settings = inputs
    ctx.save_for_backward(q, k)


def _backward(ctx: Any, grad: Tensor) -> tuple[Tensor, Tensor, None, None, None]:
    with torch.autocast(grad.device.type, enabled=False):  # a backward pass may stand inside
        grads = _displacement_backward(grad, *ctx.saved_tensors, *ctx.settings)
    return *grads, None, None, None


displacement.register_autograd(_backward, setup_context=_setup_context)


# A counter of operations does not look inside an operator: 2 per multiply-add that the definition
# asks for, a product forward and three backward.
@register_flop_formula(torch.ops.mmmotion.displacement)
def _flops(q: torch.Size, k: torch.Size, dh: int, dw: int, *_: Any, out_shape: torch.Size) -> int:
    return 2 * q.numel() * (2 * dh + 1) * (2 * dw + 1)


@register_flop_formula(torch.ops.mmmotion.displacement_backward)
def _backward_flops(
    grad: torch.Size, q: torch.Size, k: torch.Size, dh: int, dw: int, *_: Any, out_shape: Any
) -> int:
    return 6 * q.numel() * (2 * dh + 1) * (2 * dw + 1)
