"""S3D: Inception-v1 with 3D convolutions as one in space, then one in time.

Xie et al., Rethinking Spatiotemporal Feature Learning (ECCV 2018), as in Table 1 of the paper of
residual frames; the layers are torchvision's.

Deviates: batch norms average over a hundred batches rather than torchvision's thousand, so that
short trainings from scratch can be tested; loaded statistics are the same.
"""

from functools import partial

from mmengine.model import BaseModule
from torch import Tensor, nn
from torchvision.models.video import s3d

from mmmotion.models.backbones.residual_parts import replace_relu
from mmmotion.models.wrappers.building import init_steps
from mmmotion.models.wrappers.first_conv import fit_first_conv
from mmmotion.registry import MODELS

__all__ = ['S3D']


@MODELS.register_module()
class S3D(BaseModule):
    """torchvision's S3D without its classifier, keys included: its checkpoints load.

    Args:
        act (str): ``'relu'`` or ``'elu'``.
        in_channels (int): channels of the input; weights of RGB are fitted as they are loaded.
        pretrained (str, optional): checkpoint of this network to start from.
        init_cfg (dict | list[dict], optional): what else to do to the He-initialised weights.

    Convention:
        In: clips (N, in_channels, T, H, W) of T >= 8, or ValueError, and H, W >= 17.
        Out: (N, 1024, T / 8, H / 32, W / 32), where the last downsampling rounds down, the others
        up.
    """

    def __init__(
        self,
        act: str = 'relu',
        in_channels: int = 3,
        pretrained: str | None = None,
        init_cfg: dict | list[dict] | None = None,
    ) -> None:
        super().__init__(init_cfg=init_steps(init_cfg, pretrained))
        norm = partial(nn.BatchNorm3d, eps=1e-3, momentum=0.01)
        self.features = s3d(norm_layer=norm).features
        if in_channels != 3:
            fit_first_conv(self, in_channels)
        replace_relu(self, act)

    def forward(self, clip: Tensor) -> Tensor:
        # Below 8 frames oneDNN's gradient of the first convolution in time is wrong, or writes
        # where it must not.
        if clip.shape[2] < 8:
            raise ValueError(f'clip: expected T >= 8 frames, got {tuple(clip.shape)}')
        return self.features(clip)
