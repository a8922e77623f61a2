"""ECO-Lite: a 2D network on every frame, a 3D network on their stacked maps.

Source: Zolfaghari et al., ECO: Efficient Convolutional Network for Online Video Understanding
(ECCV 2018), with the layers and the keys of its released network, so that its weights load.

Deviates, as the released network does, from the 3D ResNet-18 that the paper names: 3D convolutions
have a bias, sums are carried on before they are normalised, shortcuts with a stride are 3x3x3, and
one convolution stands for the first residual block.
"""

from torch import Tensor, nn

from mmmotion.models.backbones.bn_inception import BNInception, conv_unit
from mmmotion.ops.shapes import fold_time, to_ncthw, to_ntchw, unfold_time
from mmmotion.registry import MODELS

__all__ = ['ECOLite']

# channels in, channels out, stride in time and space
BLOCKS = {
    'res3b': (128, 128, 1),
    'res4a': (128, 256, 2),
    'res4b': (256, 256, 1),
    'res5a': (256, 512, 2),
    'res5b': (512, 512, 1),
}


@MODELS.register_module()
class ECOLite(BNInception):
    """BN-Inception up to the pair of ``inception_3c``, then the 3D ResNet-18 from its third layer.

    Takes the checkpoints that :class:`BNInception` takes, for its 2D part, and ECO-Lite's own:
    ``init_cfg=dict(type='Pretrained', checkpoint=..., prefix='module.base_model.')``.

    Args:
        in_channels (int): channels of a frame; weights of RGB are fitted as they are loaded.
        norm_eval (bool): keep all running statistics as they are in training.
        partial_bn (bool): freeze every 2D batch norm but the first.
        pretrained (str, optional): checkpoint to start from.
        init_cfg (dict | list[dict], optional): what else to do to the He-initialised weights.

    Convention:
        In: clips (N, in_channels, T, H, W). Out: (N, 512, T / 4, H / 32, W / 32), rounded up.
    """

    takes_clips = True  # although its first convolution is 2D

    def __init__(
        self,
        in_channels: int = 3,
        norm_eval: bool = False,
        partial_bn: bool = False,
        pretrained: str | None = None,
        init_cfg: dict | list[dict] | None = None,
    ) -> None:
        super().__init__(
            in_channels, ('inception_3b',), norm_eval, pretrained=pretrained, init_cfg=init_cfg
        )
        self.inception_3c = nn.Sequential()
        self.inception_3c.add_module('double_3x3_reduce', conv_unit(*self.out_channels, 64, 1))
        self.inception_3c.add_module('double_3x3_1', conv_unit(64, 96, 3))
        self.res3a = _Entry(96, 128)
        for name, (in_channels, channels, stride) in BLOCKS.items():
            self.add_module(name, _Residual(in_channels, channels, stride))
        self.out_channels, self.out_strides = (512,), (32,)
        if partial_bn:
            self._freeze_norms()

    def forward(self, clip: Tensor) -> Tensor:
        if clip.dim() != 5:
            raise ValueError(f'clip: expected (N, C, T, H, W), got {tuple(clip.shape)}')
        frames = to_ntchw(clip)
        maps = super().forward(fold_time(frames))
        maps = self.inception_3c(maps)  # (N T, 96, H / 8, W / 8)
        maps = to_ncthw(unfold_time(maps, frames.shape[1]))  # (N, 96, T, H / 8, W / 8)
        total, x = self.res3a(maps)
        for name in BLOCKS:
            total, x = getattr(self, name)(total, x)
        return x


class _Entry(nn.Module):
    """Open the sums: (N, C, T, H, W) to a sum, and the same normalised and rectified."""

    def __init__(self, in_channels: int, channels: int) -> None:
        super().__init__()
        self.add_module('2', _conv(in_channels, channels))
        self.bn = nn.BatchNorm3d(channels)

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        total = self.get_submodule('2')(x)
        return total, self.bn(total).relu()


class _Residual(nn.Module):
    """Add to the sum what two convolutions make of it; a stride starts a new sum."""

    def __init__(self, in_channels: int, channels: int, stride: int) -> None:
        super().__init__()
        first = _conv(in_channels, channels, stride)
        first.add_module('bn', nn.BatchNorm3d(channels))
        first.add_module('relu', nn.ReLU(inplace=True))
        self.add_module('1', first)
        self.add_module('2', _conv(channels, channels))
        self.down = _conv(in_channels, channels, stride) if stride > 1 else None
        self.bn = nn.BatchNorm3d(channels)

    def forward(self, total: Tensor, x: Tensor) -> tuple[Tensor, Tensor]:
        carried = total if self.down is None else self.down(x)
        first = self.get_submodule('1')(x)
        total = carried + self.get_submodule('2')(first)
        return total, self.bn(total).relu()


def _conv(in_channels: int, channels: int, stride: int = 1) -> nn.Sequential:
    unit = nn.Sequential()
    unit.add_module('conv', nn.Conv3d(in_channels, channels, 3, stride, padding=1))
    return unit
