"""The first convolution of a backbone, fitted to another number of input channels.

Source: PAN, p. 7 (ImageNet weights initialise the network) and TSN's cross-modality rule: a channel
that ImageNet does not know starts as the mean of the RGB kernels.
"""

from collections.abc import Iterator
from contextlib import contextmanager

import torch
from torch import Tensor, nn

__all__ = ['fit_first_conv', 'find_first_conv', 'fit_kernels', 'rgb_kernels', 'set_in_channels']


def find_first_conv(backbone: nn.Module) -> nn.Conv2d | nn.Conv3d:
    """Return the first 2D or 3D convolution of ``backbone``, in the order of definition."""
    for module in backbone.modules():
        if isinstance(module, (nn.Conv2d, nn.Conv3d)):
            return module
    raise ValueError(
        f'backbone: expected a network with a 2D or 3D convolution, got {type(backbone).__name__} '
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
    """
    rgb_channels = weight.shape[1]
    if in_channels == rgb_channels:
        return weight
    kept = weight if keep_rgb else weight[:, :0]
    mean = weight.mean(dim=1, keepdim=True)
    fresh = mean.expand(-1, in_channels - kept.shape[1], *mean.shape[2:])
    return torch.cat([kept, fresh], dim=1)


def fit_first_conv(conv: nn.Module, in_channels: int, *, keep_rgb: bool) -> None:
    """Give ``conv`` another number of input channels, now and whenever RGB weights are loaded.

    A pre-hook on its state dict fits 3-channel weights, whether ``init_cfg`` or ``load_from`` names
    them.
    """
    rgb_channels = conv.in_channels

    def fit_loaded(module: nn.Module, state_dict: dict, prefix: str, *_: object) -> None:
        key = f'{prefix}weight'
        if key in state_dict and state_dict[key].shape[1] == rgb_channels:
            wanted = module.weight.shape[1]  # 3 within rgb_kernels
            state_dict[key] = fit_kernels(state_dict[key], wanted, keep_rgb=keep_rgb)

    conv.weight = nn.Parameter(fit_kernels(conv.weight.detach(), in_channels, keep_rgb=keep_rgb))
    conv.in_channels = in_channels
    fit_loaded.only_to_start = True  # not to test or resume: see check_state_dict
    conv.register_load_state_dict_pre_hook(fit_loaded)


def set_in_channels(network: nn.Module, in_channels: int) -> None:
    """Give a network of RGB other inputs; weights of RGB are fitted as they are loaded."""
    if in_channels == 3:
        return
    conv = find_first_conv(network)
    fit_first_conv(conv, in_channels, keep_rgb=False)
    conv.reset_parameters()  # equal kernels would only slow a start from scratch


@contextmanager
def rgb_kernels(conv: nn.Module, *, keep_rgb: bool) -> Iterator[None]:
    """Let an initialiser that only knows RGB fill ``conv``.

    MMAction2's ResNets copy pretrained weights past every state-dict hook and silently skip a
    first convolution of another shape. Inside this context the convolution has RGB kernels, which
    on the way out are fitted to its channels, if anything was written to them: a backbone may load
    in its constructor, and a second ``init_weights`` does nothing.

    The parameter itself stays, since MMEngine refuses a model in which one is replaced while it is
    initialised, and the optimizer already holds it.
    """
    wide = conv.weight.data
    mean = wide.mean(dim=1, keepdim=True)
    given = wide[:, :3] if keep_rgb else torch.cat([mean] * 3, dim=1)
    conv.weight.data = given.clone()
    try:
        yield
        if not torch.equal(conv.weight.data, given):
            wide.copy_(fit_kernels(conv.weight.data, wide.shape[1], keep_rgb=keep_rgb))
    finally:
        conv.weight.data = wide
