"""The 3D ResNet of residual frames: ResNet-18-3D, downsampled by strides or by max-pooling.

Rethinking Motion Representation: Residual Frames with 3D ConvNets for Better Action Recognition,
section 3.2 and Table 1, on the network of Hara et al., Can Spatiotemporal 3D CNNs Retrace the
History of 2D CNNs and ImageNet? (2018), whose Kinetics weights load.

Deviates: the paper gives no kernel of its max-pooling; here it is the stem's, 3x3x3, so that maps
have the sizes that strides give.
"""

import torch
from mmaction.models.backbones.resnet3d import ResNet3d
from torch import Tensor, nn
from torch.nn import functional as F

from mmmotion.checks import check_choice
from mmmotion.models.backbones.frame_conv import FrameConv3d
from mmmotion.models.backbones.residual_parts import ResNet3dMixin, activation
from mmmotion.models.wrappers.building import init_steps
from mmmotion.models.wrappers.first_conv import fit_first_conv
from mmmotion.registry import MODELS

__all__ = ['ResNet3dPool']


@MODELS.register_module()
class ResNet3dPool(ResNet3dMixin, ResNet3d):
    """MMAction2's 3D ResNet as in Hara et al., with the paper's variants.

    A first convolution of 7x7x7 and stride (1, 2, 2), max-pooling of 3x3x3 and stride 2, then
    four stages of 3x3x3 convolutions; the last three begin with a block that downsamples time and
    space by 2.

    Args:
        depth (int): 18 or 34, the depths of two convolutions to a block.
        downsample (str): how those blocks downsample: ``'stride'``, in their first convolution, as
            the public weights do; or ``'pool'``, by max-pooling at their end, the paper's default.
        act (str): ``'relu'`` or the paper's ``'elu'``.
        shortcut (str): how those blocks widen what they add to: ``'A'``, by channels of zeros, as
            the public weights of these depths do; or ``'B'``, by a 1x1x1 convolution.
        fea_diff (bool): whether the first convolution is followed by the difference of its maps,
            T + 1 to T of them, as in the paper's ``fea_diff``, which sees RGB.
        base_channels (int): channels of the first stage, 64 in the paper; each next one has twice
            as many.
        in_channels (int): channels of the input; weights of RGB are fitted as they are loaded.
        pretrained (str, optional): checkpoint of this network to start from.
        norm_eval (bool): keep all running statistics as they are in training.
        init_cfg (dict | list[dict], optional): what else to do to the He-initialised weights.

    Convention:
        In: clips (N, in_channels, T, H, W), or T + 1 frames with ``fea_diff``. Out: (N,
        8 base_channels, T / 16, H / 32, W / 32), rounded up. A difference is later minus earlier,
        with its sign: the paper takes absolute values of frames only.
    """

    def __init__(
        self,
        depth: int = 18,
        downsample: str = 'pool',
        act: str = 'relu',
        shortcut: str = 'A',
        fea_diff: bool = False,
        base_channels: int = 64,
        in_channels: int = 3,
        pretrained: str | None = None,
        norm_eval: bool = False,
        init_cfg: dict | list[dict] | None = None,
    ) -> None:
        check_choice('depth', depth, (18, 34))
        check_choice('downsample', downsample, ('stride', 'pool'))
        check_choice('shortcut', shortcut, ('A', 'B'))
        stride = 2 if downsample == 'stride' else 1
        super().__init__(
            depth,
            pretrained2d=False,
            base_channels=base_channels,
            spatial_strides=(1, stride, stride, stride),
            temporal_strides=(1, stride, stride, stride),
            conv1_kernel=(7, 7, 7),
            conv_cfg=dict(type=FrameConv3d),
            with_pool2=False,
            act_cfg=activation(act),
            norm_eval=norm_eval,
            init_cfg=init_steps(init_cfg, pretrained),
        )
        self.maxpool = nn.MaxPool3d(3, stride=2, padding=1)
        for name in self.res_layers[1:]:
            self._finish(getattr(self, name)[0], downsample, shortcut)
        if in_channels != 3:
            fit_first_conv(self, in_channels)
        if fea_diff:
            self.conv1.conv.register_forward_hook(_subtract_maps)

    @staticmethod
    def _finish(block: nn.Module, downsample: str, shortcut: str) -> None:
        if shortcut == 'A':
            block.downsample = _ZeroChannels(block.planes, stride=block.spatial_stride)
        if downsample == 'pool':
            # Max-pooling commutes with a monotone activation: the same values, and an eighth of
            # the maps to activate.
            block.relu = nn.Sequential(nn.MaxPool3d(3, stride=2, padding=1), block.relu)


class _ZeroChannels(nn.Module):
    """Widen maps by channels of zeros, after leaving out all but every ``stride``-th pixel."""

    def __init__(self, channels: int, stride: int) -> None:
        super().__init__()
        self.channels = channels
        self.stride = stride

    def forward(self, x: Tensor) -> Tensor:
        kept = x[:, :, :: self.stride, :: self.stride, :: self.stride]
        return F.pad(kept, (0, 0, 0, 0, 0, 0, 0, self.channels - x.shape[1]))


def _subtract_maps(module: nn.Module, args: tuple, maps: Tensor) -> Tensor:
    if maps.shape[2] < 2:
        raise ValueError(
            f'clip: expected T + 1 >= 2 frames for fea_diff=True, got {tuple(args[0].shape)}'
        )
    return torch.diff(maps, dim=2)
