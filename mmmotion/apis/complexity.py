"""Multiply-adds of a model: counted as PAN's tables do, and as they are executed."""

import torch
from torch import Tensor, nn
from torch.nn.modules.batchnorm import _BatchNorm
from torch.utils.flop_counter import FlopCounterMode

from mmmotion.models.wrappers.probes import hooked
from mmmotion.ops import PersistenceOfAppearance

__all__ = ['count_as_in_pan', 'count_executed', 'count_parameters']

COUNTED = (PersistenceOfAppearance, nn.Conv2d, nn.Conv3d, nn.Linear, _BatchNorm)


def count_as_in_pan(model: nn.Module, *inputs: Tensor, **options: object) -> int:
    """Count the multiply-adds of a forward pass by the rule of PAN's tables.

    Convolutions and linear layers without their bias, 2 per output of a batch norm, and PA as the
    paper computes it: features of each of the m frames, their bias, and the m - 1 differences.
    Source: the rule that reproduces every figure of Tables I, V and VI.

    Args:
        model: any module; it is run once, in its present mode, without gradients.
        inputs: of its forward.
        options: of its forward, too, such as ``stage='head'`` of a recogniser.
    """
    total = 0

    def add(name: str, module: nn.Module, inputs: tuple, out: Tensor) -> None:
        nonlocal total
        total += _count(module, inputs[0], out)

    counted = {}
    for name, module in model.named_modules():
        if isinstance(module, COUNTED):
            counted[name] = module
    with torch.no_grad(), hooked(counted, add):
        model(*inputs, **options)
    return total


def count_executed(model: nn.Module, *inputs: Tensor, **options: object) -> int:
    """Count the multiply-adds of convolutions and matrix products that a forward pass executes.

    Args:
        model: as of :func:`count_as_in_pan`.
        inputs: of its forward.
        options: of its forward, too.
    """
    counter = FlopCounterMode(display=False)
    with torch.no_grad(), counter:
        model(*inputs, **options)
    return counter.get_total_flops() // 2


def count_parameters(model: nn.Module) -> int:
    """Count the parameters of ``model``."""
    return sum(parameter.numel() for parameter in model.parameters())


def _count(module: nn.Module, x: Tensor, out: Tensor) -> int:
    """Count the multiply-adds of a module that has made ``out`` of ``x``."""
    if isinstance(module, PersistenceOfAppearance):
        return _count_persistence(module, x, out)
    if isinstance(module, nn.Linear):
        return out.numel() * module.in_features
    if isinstance(module, _BatchNorm):
        return 2 * out.numel()
    first_filter = module.weight[0]  # of a convolution
    return out.numel() * first_filter.numel()


def _count_persistence(motion: PersistenceOfAppearance, clip: Tensor, out: Tensor) -> int:
    """Count the last layer: convolutions below it count as such."""
    frames = clip.shape[1]
    channels, per_feature = 3, 0
    if motion.conv is not None:
        channels = motion.conv.out_channels
        first_filter = motion.conv.weight[0]
        per_feature = first_filter.numel() + 1  # the bias
    one_map = out[:, 0]  # of every stack, as large as a channel of the features of one frame
    features = one_map.numel() * channels
    multiply_adds = features * frames * per_feature
    multiply_adds += features * (frames - 1)  # the differences
    if motion.encoding == 'e2':
        multiply_adds += channels * out.numel()
    return multiply_adds
