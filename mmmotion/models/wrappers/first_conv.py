"""The first convolution of a network of RGB, fitted to another number of input channels.

Source: PAN, p. 7 (ImageNet weights initialise the network) and TSN's cross-modality rule: a channel
that ImageNet does not know starts as the mean of the RGB kernels.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial

import torch
from torch import Tensor, nn

__all__ = ['find_first_conv', 'fit_first_conv', 'fit_kernels', 'rgb_kernels']

RGB = 3  # channels


def find_first_conv(network: nn.Module) -> nn.Conv2d | nn.Conv3d:
    """Return the first 2D or 3D convolution of ``network``, in the order of definition.

    Raises:
        ValueError: it has none.
    """
    for module in network.modules():
        if isinstance(module, (nn.Conv2d, nn.Conv3d)):
            return module
    raise ValueError(
        f'backbone: expected a network with a 2D or 3D convolution, got {type(network).__name__} '
        'without one'
    )


def fit_kernels(weight: Tensor, in_channels: int, *, keep_rgb: bool) -> Tensor:
    """Fit RGB kernels to ``in_channels`` inputs.

    Args:
        weight: (out, 3, ...) kernels that expect RGB.
        in_channels: the number of input channels to serve.
        keep_rgb: whether the first three inputs are still RGB and keep their own kernels.

    Returns:
        (out, in_channels, ...). As many channels as before are left alone; a new one is the mean
        over RGB.

    Deviates: the released code gives the RGB inputs of PAN_Lite the mean too; the paper is silent.
    The mean is not rescaled by 3 / in_channels, in which TSN's rule is followed.
    """
    if in_channels == weight.shape[1]:
        return weight
    mean = weight.mean(dim=1, keepdim=True)
    if not keep_rgb:
        return mean.expand(-1, in_channels, *mean.shape[2:]).clone()
    fresh = mean.expand(-1, in_channels - weight.shape[1], *mean.shape[2:])
    return torch.cat([weight, fresh], dim=1)


def fit_first_conv(
    network: nn.Module, in_channels: int, *, keep_rgb: bool = False, pretrained: bool = False
) -> None:
    """Give a network of RGB another number of input channels, for good.

    RGB kernels are fitted whenever they are loaded as a state dict, which is how ``load_from`` and
    most ``init_cfg`` come; for the others there is :func:`rgb_kernels`.

    Args:
        network: the network, whose first convolution has 3 input channels.
        in_channels: the number of input channels to serve.
        keep_rgb: as in :func:`fit_kernels`.
        pretrained: whether the network has, or fills itself with, weights trained on RGB. If it
            starts from scratch, equal kernels for all new channels would only slow the start.
    """
    conv = find_first_conv(network)
    conv.weight = nn.Parameter(fit_kernels(conv.weight.detach(), in_channels, keep_rgb=keep_rgb))
    conv.in_channels = in_channels
    if not pretrained:
        conv.reset_parameters()
    fit_loaded = partial(_fit_loaded, keep_rgb=keep_rgb)
    fit_loaded.only_to_start = True  # not to test or resume: see check_state_dict
    conv.register_load_state_dict_pre_hook(fit_loaded)


@contextmanager
def rgb_kernels(network: nn.Module, *, keep_rgb: bool) -> Iterator[None]:
    """Let an initialiser that only knows RGB fill a network that :func:`fit_first_conv` has fitted.

    MMAction2's ResNets copy pretrained weights past every state-dict hook and silently skip a
    first convolution of another shape. Inside this context the convolution is one of RGB. Its
    kernels are fitted on the way out if anything was written to them: a backbone may load in its
    constructor, and a second ``init_weights`` does nothing.

    The parameter itself stays, since MMEngine refuses a model in which one is replaced while it is
    initialised, and the optimizer already holds it.
    """
    conv = find_first_conv(network)
    fitted, in_channels = conv.weight.data, conv.in_channels
    if keep_rgb:
        given = fitted[:, :RGB]
    else:
        mean = fitted.mean(dim=1, keepdim=True)
        given = torch.cat([mean] * RGB, dim=1)
    conv.weight.data, conv.in_channels = given.clone(), RGB
    try:
        yield
        if not torch.equal(conv.weight.data, given):
            fitted.copy_(fit_kernels(conv.weight.data, in_channels, keep_rgb=keep_rgb))
    finally:
        conv.weight.data, conv.in_channels = fitted, in_channels


def _fit_loaded(
    conv: nn.Module, state_dict: dict, prefix: str, *args: object, keep_rgb: bool
) -> None:
    """Fit RGB kernels among what is loaded to the channels that ``conv`` has now."""
    weight = state_dict.get(f'{prefix}weight')
    if weight is not None and weight.shape[1] == RGB:
        fitted = fit_kernels(weight, conv.in_channels, keep_rgb=keep_rgb)
        state_dict[f'{prefix}weight'] = fitted
