"""R(2+1)D-18: 3D convolutions as one in space, then one in time.

Tran et al., A Closer Look at Spatiotemporal Convolutions for Action Recognition (2018), as in
Table 1 of the paper of residual frames, for which every ReLU can be an ELU.

Deviates, as MMAction2 does: max-pooling of stride (1, 2, 2) follows the first convolution, and
shortcuts are separated too.
"""

from mmaction.models.backbones.resnet2plus1d import ResNet2Plus1d
from mmaction.models.common import Conv2plus1d

from mmmotion.models.backbones.residual_parts import ResNet3dMixin, activation, replace_relu
from mmmotion.models.wrappers.building import init_steps
from mmmotion.models.wrappers.first_conv import fit_first_conv
from mmmotion.registry import MODELS

__all__ = ['R2Plus1d']


@MODELS.register_module()
class R2Plus1d(ResNet3dMixin, ResNet2Plus1d):
    """MMAction2's R(2+1)D, of 18 layers and with strides as in the paper, keys included.

    Args:
        depth (int): 18 or 34.
        act (str): ``'relu'`` or ``'elu'``, also between the convolutions in space and time.
        in_channels (int): channels of the input; weights of RGB are fitted as they are loaded.
        pretrained (str, optional): checkpoint of this network to start from.
        norm_eval (bool): keep all running statistics as they are in training.
        init_cfg (dict | list[dict], optional): what else to do to the He-initialised weights.

    Convention:
        In: clips (N, in_channels, T, H, W). Out: (N, 512, T / 8, H / 32, W / 32), rounded up.
    """

    def __init__(
        self,
        depth: int = 18,
        act: str = 'relu',
        in_channels: int = 3,
        pretrained: str | None = None,
        norm_eval: bool = False,
        init_cfg: dict | list[dict] | None = None,
    ) -> None:
        super().__init__(
            depth,
            pretrained2d=False,
            temporal_strides=(1, 2, 2, 2),
            conv1_kernel=(3, 7, 7),
            conv_cfg=dict(type=Conv2plus1d),
            act_cfg=activation(act),
            norm_eval=norm_eval,
            init_cfg=init_steps(init_cfg, pretrained),
        )
        if in_channels != 3:
            fit_first_conv(self, in_channels)
        replace_relu(self, act)
