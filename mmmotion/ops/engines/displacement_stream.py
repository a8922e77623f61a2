"""Displacement maps on any device: the window is walked through, with a running softmax.

Only the best similarity so far, the sum of the weights and the weighted sum of the offsets are
held, in both passes; a compiler fuses the steps.
"""

from typing import Any

import torch
from torch import Tensor

from mmmotion.ops.engines.matching import Window

__all__ = ['displacement_stream']


def displacement_stream(q: Tensor, k: Tensor, window: Window, tau: float | None) -> Tensor:
    """Find the displacements from ``q`` to ``k`` by their dot products.

    Differentiable with respect to both.

    Args:
        q: the queries of :func:`~mmmotion.ops.engines.matching.match`, (N, C, H, W).
        k: the keys, (N, C, H, W), or larger by the window's stride.
        window: the candidates of each query.
        tau: temperature of the softmax; None: the winner takes all, without a gradient.

    Returns:
        (dx, dy) of each query, (N, 2, H, W).
    """
    needs_grad = torch.is_grad_enabled() and (q.requires_grad or k.requires_grad)
    if needs_grad and tau is not None:
        out: Tensor = _Stream.apply(q, k, window, tau)  # type: ignore[no-untyped-call]
        return out
    return _run(q, k, window, tau)[0]


class _Stream(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, q: Tensor, k: Tensor, window: Window, tau: float) -> Tensor:
        out, best, total = _run(q, k, window, tau)
        # exp((similarity - level) / tau) is the softmax, without a sum.
        level = best + tau * total.log()
        ctx.save_for_backward(q, k, out, level)
        ctx.window = window
        ctx.tau = tau
        return out

    @staticmethod
    @torch.autograd.function.once_differentiable
    def backward(ctx: Any, grad: Tensor) -> tuple[Tensor, Tensor, None, None]:
        q, k, out, level = ctx.saved_tensors
        padded = ctx.window.pad(k)
        grad_q = torch.zeros_like(q)
        grad_k = torch.zeros_like(padded)
        candidates = ctx.window.candidates(padded)
        grads_of_candidates = ctx.window.candidates(grad_k)
        for (offset, found), (_, grad_found) in zip(candidates, grads_of_candidates, strict=True):
            similarity = (q * found).sum(1, keepdim=True)  # (N, 1, H, W)
            chance = ((similarity - level) / ctx.tau).exp()
            # The derivative of the mean offset with respect to a logit is its distance from it.
            pull = (_column(offset, out) - out).mul_(grad).sum(1, keepdim=True)
            slope = chance * pull / ctx.tau
            grad_q += slope * found
            grad_found += slope * q
        return grad_q, ctx.window.crop(grad_k), None, None


def _run(q: Tensor, k: Tensor, window: Window, tau: float | None) -> tuple[Tensor, Tensor, Tensor]:
    """Return the displacements, the best similarity, and the sum of weights relative to it."""
    best = torch.full_like(q[:, :1], -torch.inf)
    total = torch.zeros_like(best)
    moment = total.repeat(1, 2, 1, 1)  # (N, 2, H, W)
    for offset, found in window.candidates(window.pad(k)):
        similarity = (q * found).sum(1, keepdim=True)
        better = torch.maximum(best, similarity)
        # What has been summed up was relative to the former best.
        kept = _weigh(best - better, tau)
        weight = _weigh(similarity - better, tau)
        total = total * kept + weight
        moment = moment * kept + weight * _column(offset, q)
        best = better
    return moment / total, best, total


def _weigh(gap: Tensor, tau: float | None) -> Tensor:
    """Weigh a candidate by its similarity's distance from the best; equal winners share alike."""
    if tau is None:
        return (gap == 0).to(gap.dtype)
    return (gap / tau).exp()


def _column(offset: tuple[int, int], like: Tensor) -> Tensor:
    column = torch.tensor(offset, dtype=like.dtype, device=like.device)
    return column.view(1, 2, 1, 1)
