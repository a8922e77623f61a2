"""Make a trained recogniser faster at the same scores: what only training needs is taken out."""

from collections.abc import Iterator
from copy import deepcopy
from typing import Any

import torch
from mmaction.models.backbones.resnet_tsm import TemporalShift
from mmcv.cnn import ConvModule
from torch import Tensor, nn
from torch.nn.modules.batchnorm import _BatchNorm
from torch.nn.utils.fusion import fuse_conv_bn_eval

from mmmotion.ops.temporal_shift import temporal_shift

__all__ = ['prepare_inference', 'use_channels_last']


def prepare_inference(model: nn.Module, *, dtype: torch.dtype = torch.float32) -> nn.Module:
    """Return a copy of a trained recogniser for inference only.

    Batch norms are folded into their convolutions, those behind a temporal shift included; the
    shift is a copy and two slices; 2D convolutions see channels last, the order in which CPUs and
    tensor cores read them. The scores differ by rounding only.

    Args:
        model: a recogniser that has its weights: the keys of the copy are others.
        dtype: of its backbones. In bfloat16 the motion in front of them, which has a faster way
            of its own in float32, and the head stay in float32.

    Example:
        >>> model = prepare_inference(init_recognizer(config, checkpoint))  # doctest: +SKIP
    """
    fast = deepcopy(model).eval()
    for module in fast.modules():
        if isinstance(module, ConvModule):
            _fold_norm(module)
    use_channels_last(fast)
    if dtype != torch.float32:
        for network in set(_networks(fast)):
            _set_dtype(network, dtype)
    return fast


def use_channels_last(model: nn.Module) -> None:
    """Let the 2D convolutions of the backbones of ``model`` see channels last, in training, too.

    Their temporal shifts are replaced by :func:`mmmotion.ops.temporal_shift.temporal_shift`, which
    leaves this order alone. Values and keys stay the same.
    """
    for network in set(_networks(model)):
        for module in network.modules():
            if isinstance(module, nn.Conv2d):
                module.to(memory_format=torch.channels_last)
            elif isinstance(module, TemporalShift):
                module.shift = temporal_shift


def _fold_norm(block: ConvModule) -> None:
    if not block.with_norm or block.order[:2] != ('conv', 'norm'):
        return
    if not isinstance(block.norm, _BatchNorm):
        return
    owner, name = (block.conv, 'net') if isinstance(block.conv, TemporalShift) else (block, 'conv')
    setattr(owner, name, fuse_conv_bn_eval(getattr(owner, name), block.norm))
    setattr(block, block.norm_name, nn.Identity())


def _networks(model: nn.Module) -> Iterator[nn.Module]:
    """Yield the innermost backbones: what stands behind the motion."""
    for module in model.modules():
        network = getattr(module, 'backbone', None)
        if isinstance(network, nn.Module) and not hasattr(network, 'backbone'):
            yield network


def _set_dtype(network: nn.Module, dtype: torch.dtype) -> None:
    network.to(dtype)
    network.register_forward_pre_hook(lambda _, inputs: _cast(inputs, dtype))
    network.register_forward_hook(lambda _, __, out: _cast(out, torch.float32))


def _cast(value: Any, dtype: torch.dtype) -> Any:
    if isinstance(value, (tuple, list)):
        return type(value)(_cast(part, dtype) for part in value)
    return value.to(dtype) if isinstance(value, Tensor) else value
