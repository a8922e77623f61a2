"""Make a trained recogniser faster at the same scores: what only training needs is taken out."""

from collections.abc import Iterator
from copy import deepcopy
from itertools import pairwise
from typing import Any

import torch
from mmaction.models.backbones.resnet_tsm import TemporalShift
from mmaction.models.common.conv2plus1d import Conv2plus1d
from mmcv.cnn import ConvModule
from torch import Tensor, nn
from torch.nn.modules.batchnorm import _BatchNorm
from torch.nn.utils.fusion import fuse_conv_bn_eval

from mmmotion.ops.temporal_shift import temporal_shift

__all__ = ['prepare_inference', 'use_channels_last']

Place = tuple[nn.Module, str]  # a module's parent, and its name there


def prepare_inference(model: nn.Module, *, dtype: torch.dtype = torch.float32) -> nn.Module:
    """Return a copy of a trained recogniser for inference only.

    Batch norms are folded into the convolutions before them, in a temporal shift and in a (2+1)D
    convolution, too; the shift is a copy and two slices; 2D convolutions see channels last, the
    order in which CPUs and tensor cores read them. The scores differ by rounding only.

    Args:
        model: a recogniser that has its weights: the keys of the copy are others.
        dtype: of its backbones. In bfloat16 the motion in front of them, which has a faster way
            of its own in float32, and the head stay in float32.

    Example:
        >>> model = prepare_inference(init_recognizer(config, checkpoint))  # doctest: +SKIP
    """
    fast = deepcopy(model).eval()
    for module in list(fast.modules()):
        for conv_and_norm in list(_norms_after(module)):
            _fold_norm(*conv_and_norm)
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


def _norms_after(module: nn.Module) -> Iterator[tuple[Place, Place]]:
    """Yield each convolution of a module that is directly followed by a norm, and this norm.

    Nothing is concluded from an order of attributes: a
    sequence runs its children in their order, mmcv's modules state theirs, and other modules name
    such pairs in a ``conv_norm_pairs`` of their own.
    """
    if isinstance(module, ConvModule):
        if module.with_norm and module.order[:2] == ('conv', 'norm'):
            yield _last_conv(module, 'conv'), (module, module.norm_name)
    elif isinstance(module, Conv2plus1d):
        yield (module, 'conv_s'), (module, 'bn_s')
    elif isinstance(module, nn.Sequential):
        for first, second in pairwise(module._modules):
            yield (module, first), (module, second)
    else:
        for conv, norm in getattr(module, 'conv_norm_pairs', ()):
            yield (module, conv), (module, norm)


def _last_conv(owner: nn.Module, name: str) -> Place:
    """Return what a layer ends with: it may be a convolution, or have one as its last part."""
    layer = getattr(owner, name)
    if isinstance(layer, TemporalShift):
        return layer, 'net'
    if isinstance(layer, Conv2plus1d):
        return layer, 'conv_t'
    return owner, name


def _fold_norm(conv_at: Place, norm_at: Place) -> None:
    conv, norm = getattr(*conv_at), getattr(*norm_at)
    if not isinstance(conv, (nn.Conv2d, nn.Conv3d)) or not isinstance(norm, _BatchNorm):
        return
    if norm.running_mean is None:  # it normalises by the batch, in inference, too
        return
    # A hook sees, or changes, what is between the two: the difference of maps of fea_diff would
    # cancel the bias that the norm leaves in the convolution.
    if conv._forward_hooks or norm._forward_pre_hooks or norm._forward_hooks:
        return
    setattr(*conv_at, fuse_conv_bn_eval(conv, norm))
    setattr(*norm_at, nn.Identity())


def _networks(model: nn.Module) -> Iterator[nn.Module]:
    """Yield the innermost backbones: what follows the motion."""
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
