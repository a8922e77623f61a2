"""What the networks of residual frames share: their activation, and what upstream lacks.

Rethinking Motion Representation: Residual Frames with 3D ConvNets for Better Action Recognition,
section 5.1: ELU in the place of every ReLU is worth 2.6 and 3.3 points.
"""

from mmengine.model import BaseModule
from torch import nn

__all__ = ['ResNet3dMixin', 'activation', 'replace_relu']

ACTIVATIONS = {'relu': 'ReLU', 'elu': 'ELU'}


class ResNet3dMixin:
    """What MMAction2's 3D ResNets lack: they never look at ``init_cfg``, and ``eval()`` is None."""

    def init_weights(self) -> None:
        """Take the steps of ``init_cfg``."""
        BaseModule.init_weights(self)

    def train(self, mode: bool = True) -> nn.Module:
        """Set the mode; return the network."""
        super().train(mode)
        return self


def activation(act: str) -> dict:
    """Return the config of the activation that ``act``, ``'relu'`` or ``'elu'``, stands for."""
    if act not in ACTIVATIONS:
        raise ValueError(f"act: expected 'relu' or 'elu', got {act!r}")
    return dict(type=ACTIVATIONS[act], inplace=True)


def replace_relu(network: nn.Module, act: str) -> None:
    """Put what ``act`` stands for in the place of every ReLU of ``network``."""
    kind = getattr(nn, activation(act)['type'])
    for module in list(network.modules()):
        for name, child in module.named_children():
            if isinstance(child, nn.ReLU):
                setattr(module, name, kind(inplace=True))
