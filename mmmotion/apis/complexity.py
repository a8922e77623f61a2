"""Multiply-adds of a model: counted as PAN's tables do, and as they are really executed."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

import torch
from torch import Tensor, nn
from torch.utils.flop_counter import FlopCounterMode

from mmmotion.ops import PersistenceOfAppearance

__all__ = ['count_as_published', 'count_executed', 'count_parameters']

Rule = Callable[[nn.Module, Tensor, Tensor], int]


def count_as_published(model: nn.Module, *inputs: Tensor) -> int:
    """Count the multiply-adds of a forward pass by the rule behind PAN's tables.

    Convolutions and linear layers without their bias, 2 per output of a batch norm, and PA as the
    paper computes it: features of each of the m frames, their bias, and the m - 1 differences.
    Source: the rule that reproduces every figure of Tables I, V and VI.

    Args:
        model: any module; it is run once, in its present mode, without gradients.
        inputs: of its forward.
    """
    counts: list[int] = []
    with torch.no_grad(), _hooked(model, counts):
        model(*inputs)
    return sum(counts)


def count_executed(model: nn.Module, *inputs: Tensor) -> int:
    """Count the multiply-adds of convolutions and matrix products that a forward pass executes."""
    counter = FlopCounterMode(display=False)
    with torch.no_grad(), counter:
        model(*inputs)
    return counter.get_total_flops() // 2


def count_parameters(model: nn.Module) -> int:
    """Count the parameters of ``model``."""
    return sum(parameter.numel() for parameter in model.parameters())


def _convolution(conv: nn.Module, x: Tensor, out: Tensor) -> int:
    return out.numel() * conv.weight[0].numel()


def _linear(linear: nn.Module, x: Tensor, out: Tensor) -> int:
    return out.numel() * linear.in_features


def _batch_norm(norm: nn.Module, x: Tensor, out: Tensor) -> int:
    return 2 * out.numel()


def _persistence(motion: nn.Module, clip: Tensor, out: Tensor) -> int:
    """Count the last layer: convolutions below it count as such."""
    frames = clip.shape[1]
    channels = 3 if motion.conv is None else motion.conv.out_channels
    per_feature = 0 if motion.conv is None else motion.conv.weight[0].numel() + 1
    features = out[:, 0].numel() * channels  # of one frame of every stack
    attended = channels * out.numel() if motion.encoding == 'e2' else 0
    return features * (frames * per_feature + frames - 1) + attended


RULES: dict[type[nn.Module], Rule] = {
    PersistenceOfAppearance: _persistence,
    nn.Conv2d: _convolution,
    nn.Conv3d: _convolution,
    nn.Linear: _linear,
    nn.modules.batchnorm._BatchNorm: _batch_norm,
}


@contextmanager
def _hooked(model: nn.Module, counts: list[int]) -> Iterator[None]:
    """Let every module that a rule is for append its count as it runs."""

    def append(rule: Rule, module: nn.Module, inputs: tuple[Any, ...], out: Tensor) -> None:
        counts.append(rule(module, inputs[0], out))

    handles = [
        module.register_forward_hook(partial(append, rule))
        for module in model.modules()
        for kind, rule in RULES.items()
        if isinstance(module, kind)
    ]
    try:
        yield
    finally:
        for handle in handles:
            handle.remove()
