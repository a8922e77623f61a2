"""The first convolution of a ResNet, as a network of its own."""

from mmengine.model import BaseModule
from torch import Tensor, nn

from mmmotion.models.wrappers.building import init_steps
from mmmotion.registry import MODELS

__all__ = ['ConvStem']


@MODELS.register_module()
class ConvStem(BaseModule):
    """7x7 convolution, batch norm, ReLU, under torchvision's names.

    Args:
        out_channels (int): C; 64 in every published ResNet.
        kernel_size (int): odd; 7 as published.
        stride (int): 2 as published.
        pretrained (str, optional): checkpoint of a whole ResNet, such as 'torchvision://resnet50'.
        init_cfg (dict | list[dict], optional): what else to do to the He-initialised weights.

    A checkpoint of MMAction2's ResNet fits, too.

    Convention:
        In: (N, 3, H, W). Out: (N, C, H / stride, W / stride), rounded up.
    """

    conv_norm_pairs = (('conv1', 'bn1'),)  # which inference makes one convolution

    def __init__(
        self,
        out_channels: int = 64,
        kernel_size: int = 7,
        stride: int = 2,
        pretrained: str | None = None,
        init_cfg: dict | list[dict] | None = None,
    ) -> None:
        super().__init__(init_cfg=init_steps(init_cfg, pretrained))
        self.conv1 = nn.Conv2d(
            3, out_channels, kernel_size, stride, padding=kernel_size // 2, bias=False
        )
        self.bn1 = nn.BatchNorm2d(out_channels)
        self.relu = nn.ReLU(inplace=True)
        self.register_load_state_dict_pre_hook(_adopt_names)

    def forward(self, x: Tensor) -> Tensor:
        return self.relu(self.bn1(self.conv1(x)))


def _adopt_names(module: nn.Module, state_dict: dict, prefix: str, *_: object) -> None:
    """Take the first convolution of a ResNet of MMAction2's, which has other names."""
    for theirs, ours in (('conv1.conv.', 'conv1.'), ('conv1.bn.', 'bn1.')):
        for key in [key for key in state_dict if key.startswith(prefix + theirs)]:
            state_dict[prefix + ours + key.removeprefix(prefix + theirs)] = state_dict.pop(key)


_adopt_names.only_to_start = True  # not to test or resume: see check_state_dict
