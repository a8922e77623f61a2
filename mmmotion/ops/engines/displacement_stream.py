"""Displacement maps on any device: the window is walked through, with a running softmax.

Only the best similarity so far, the sum of the weights and the weighted sum of the offsets are
held, in both passes; a compiler fuses the steps.
"""

from typing import Any

import torch
from torch import Tensor

from mmmotion.ops.engines.matching import Window

__all__ = ['displacement_stream']


def displacement_stream(q: Tensor, k: Tensor, window: Window, tau: float) -> Tensor:
    """Find the displacements from ``q`` to ``k`` by their dot products, (N, 2, H, W).

    Differentiable with respect to both; for tau = 0 the winner takes all, without a gradient.
    """
    if tau and torch.is_grad_enabled() and (q.requires_grad or k.requires_grad):
        out: Tensor = _Stream.apply(q, k, window, tau)  # type: ignore[no-untyped-call]
        return out
    return _run(q, k, window, tau)[0]


class _Stream(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, q: Tensor, k: Tensor, window: Window, tau: float) -> Tensor:
        out, best, total = _run(q, k, window, tau)
        ctx.save_for_backward(q, k, out, best + tau * total.log())
        ctx.settings = window, tau
        return out

    @staticmethod
    @torch.autograd.function.once_differentiable
    def backward(ctx: Any, grad: Tensor) -> tuple[Tensor, Tensor, None, None]:
        (q, k, out, level), (window, tau) = ctx.saved_tensors, ctx.settings
        padded = window.pad(k)
        grad_q, grad_k = torch.zeros_like(q), torch.zeros_like(padded)
        both = zip(window.candidates(padded), window.candidates(grad_k), strict=True)
        for (offset, found), (_, grad_found) in both:
            chance = (((q * found).sum(1, keepdim=True) - level) / tau).exp()
            pull = (_column(offset, out) - out).mul_(grad).sum(1, keepdim=True)
            slope = chance * pull / tau
            grad_q += slope * found
            grad_found += slope * q
        return grad_q, window.crop(grad_k), None, None


def _run(q: Tensor, k: Tensor, window: Window, tau: float) -> tuple[Tensor, Tensor, Tensor]:
    """Return the displacements, the best similarity, and the sum of weights relative to it."""
    best = torch.full_like(q[:, :1], -torch.inf)
    total, moment = torch.zeros_like(best), torch.zeros_like(best).repeat(1, 2, 1, 1)
    for offset, found in window.candidates(window.pad(k)):
        similarity = (q * found).sum(1, keepdim=True)
        better = torch.maximum(best, similarity)
        kept, weight = _weigh(best - better, tau), _weigh(similarity - better, tau)
        total = total * kept + weight
        moment = moment * kept + weight * _column(offset, q)
        best = better
    return moment / total, best, total


def _weigh(gap: Tensor, tau: float) -> Tensor:
    """Weigh a candidate by its similarity's distance from the best; equal winners share alike."""
    return (gap / tau).exp() if tau else (gap == 0).to(gap.dtype)


def _column(offset: tuple[int, int], like: Tensor) -> Tensor:
    return torch.tensor(offset, dtype=like.dtype, device=like.device).view(1, 2, 1, 1)
