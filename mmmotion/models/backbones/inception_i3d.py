"""I3D: Inception-v1, inflated.

Carreira and Zisserman, Quo Vadis, Action Recognition? (CVPR 2017), Fig. 3, as in Table 1 of the
paper of residual frames. Submodules have the names of the published network, and the fields those
of its common PyTorch conversion (``Mixed_3b.b1a.conv3d.weight``), so that such weights load.
"""

from math import ceil

import torch
from mmengine.model import BaseModule
from torch import Tensor, nn
from torch.nn import functional as F

from mmmotion.models.backbones.residual_parts import replace_relu
from mmmotion.models.wrappers.building import init_steps
from mmmotion.models.wrappers.first_conv import fit_first_conv
from mmmotion.registry import MODELS

__all__ = ['InceptionI3d']

# Kernel and stride of a max-pooling; channels, kernel and stride of a convolution; or the channels
# of a block: 1x1x1, (reduction, 3x3x3), (reduction, 3x3x3), projection after the max-pooling.
STAGES = {
    'Conv3d_1a_7x7': (64, 7, 2),
    'MaxPool3d_2a_3x3': ((1, 3, 3), (1, 2, 2)),
    'Conv3d_2b_1x1': (64, 1, 1),
    'Conv3d_2c_3x3': (192, 3, 1),
    'MaxPool3d_3a_3x3': ((1, 3, 3), (1, 2, 2)),
    'Mixed_3b': (64, (96, 128), (16, 32), 32),
    'Mixed_3c': (128, (128, 192), (32, 96), 64),
    'MaxPool3d_4a_3x3': ((3, 3, 3), (2, 2, 2)),
    'Mixed_4b': (192, (96, 208), (16, 48), 64),
    'Mixed_4c': (160, (112, 224), (24, 64), 64),
    'Mixed_4d': (128, (128, 256), (24, 64), 64),
    'Mixed_4e': (112, (144, 288), (32, 64), 64),
    'Mixed_4f': (256, (160, 320), (32, 128), 128),
    'MaxPool3d_5a_2x2': ((2, 2, 2), (2, 2, 2)),
    'Mixed_5b': (256, (160, 320), (32, 128), 128),
    'Mixed_5c': (384, (192, 384), (48, 128), 128),
}


@MODELS.register_module()
class InceptionI3d(BaseModule):
    """I3D without its classifier.

    Args:
        act (str): ``'relu'`` or ``'elu'``.
        in_channels (int): channels of the input; weights of RGB are fitted as they are loaded.
        pretrained (str, optional): checkpoint of this network to start from.
        init_cfg (dict | list[dict], optional): what else to do to the He-initialised weights.

    Convention:
        In: clips (N, in_channels, T, H, W). Out: (N, 1024, T / 8, H / 32, W / 32), rounded up.
    """

    def __init__(
        self,
        act: str = 'relu',
        in_channels: int = 3,
        pretrained: str | None = None,
        init_cfg: dict | list[dict] | None = None,
    ) -> None:
        super().__init__(init_cfg=init_steps(init_cfg, pretrained))
        channels = 3
        for name, layout in STAGES.items():
            stage, channels = _build_stage(name, channels, layout)
            self.add_module(name, stage)
        if in_channels != 3:
            fit_first_conv(self, in_channels)
        replace_relu(self, act)

    def forward(self, clip: Tensor) -> Tensor:
        x = clip
        for name in STAGES:
            x = getattr(self, name)(x)
        return x


class _Unit(nn.Module):
    """A convolution without bias, batch norm and ReLU; ``'same'`` padding."""

    conv_norm_pairs = (('conv3d', 'bn'),)  # which inference makes one convolution

    def __init__(self, in_channels: int, channels: int, kernel: int, stride: int = 1) -> None:
        super().__init__()
        self.conv3d = nn.Conv3d(in_channels, channels, kernel, stride, bias=False)
        self.bn = nn.BatchNorm3d(channels, eps=1e-3, momentum=0.01)
        self.relu = nn.ReLU(inplace=True)

    def forward(self, x: Tensor) -> Tensor:
        x = _pad(x, self.conv3d.kernel_size, self.conv3d.stride, value=0)
        return self.relu(self.bn(self.conv3d(x)))


class _MaxPool(nn.Module):
    """Max-pooling with ``'same'`` padding by -inf, which is never the maximum."""

    def __init__(self, kernel: tuple[int, int, int], stride: tuple[int, int, int]) -> None:
        super().__init__()
        self.kernel = kernel
        self.stride = stride

    def forward(self, x: Tensor) -> Tensor:
        padded = _pad(x, self.kernel, self.stride, value=float('-inf'))
        return F.max_pool3d(padded, self.kernel, self.stride)


class _Mixed(nn.Module):
    """A block of ``STAGES``: branches on one map, their outputs concatenated."""

    def __init__(
        self,
        in_channels: int,
        single: int,
        large: tuple[int, int],
        small: tuple[int, int],
        projected: int,
    ) -> None:
        super().__init__()
        self.b0 = _Unit(in_channels, single, 1)
        self.b1a = _Unit(in_channels, large[0], 1)
        self.b1b = _Unit(*large, 3)
        self.b2a = _Unit(in_channels, small[0], 1)
        self.b2b = _Unit(*small, 3)
        self.b3a = _MaxPool((3, 3, 3), (1, 1, 1))
        self.b3b = _Unit(in_channels, projected, 1)
        self.out_channels = single + large[1] + small[1] + projected

    def forward(self, x: Tensor) -> Tensor:
        single = self.b0(x)
        large = self.b1b(self.b1a(x))
        small = self.b2b(self.b2a(x))
        pooled = self.b3b(self.b3a(x))
        return torch.cat([single, large, small, pooled], dim=1)


def _build_stage(name: str, in_channels: int, layout: tuple) -> tuple[nn.Module, int]:
    """Return a stage and its channels."""
    if name.startswith('MaxPool'):
        return _MaxPool(*layout), in_channels
    if name.startswith('Conv'):
        return _Unit(in_channels, *layout), layout[0]
    block = _Mixed(in_channels, *layout)
    return block, block.out_channels


def _pad(x: Tensor, kernel: tuple, stride: tuple, value: float) -> Tensor:
    """Pad as TensorFlow's ``'same'`` does: ceil(size / stride) outputs, an odd pixel at the end."""
    sides = []  # of W, H and T: F.pad begins with the last axis
    for axis in (2, 1, 0):
        size = x.shape[2 + axis]
        num_outputs = ceil(size / stride[axis])
        reached = (num_outputs - 1) * stride[axis] + kernel[axis]
        missing = max(reached - size, 0)
        first = missing // 2
        sides += [first, missing - first]
    return F.pad(x, sides, value=value) if any(sides) else x
