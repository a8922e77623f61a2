"""A 2D backbone on the maps of a clip, as DCD's branch of apparent motion (section 3.3)."""

from mmengine.model import BaseModule
from torch import Tensor

from mmmotion.models.wrappers.building import adopt_bare_keys, build_backbone, is_pretrained
from mmmotion.models.wrappers.first_conv import find_first_conv, fit_first_conv, rgb_kernels
from mmmotion.registry import MODELS

__all__ = ['MapBackbone']


@MODELS.register_module()
class MapBackbone(BaseModule):
    """Feed the maps of a clip, stacked as in a flow stream, to a 2D backbone.

    Its first convolution is fitted to their number, as in TSN's cross-modality initialisation,
    which DCD trains with (section 4.1): new channels start as the mean of the RGB kernels.

    Args:
        backbone (dict): config of the backbone.
        in_channels (int): of all maps of a clip.
        stride (int, optional): of the first convolution, if it shall have another one: 1 where the
            maps have been halved already.

    Convention:
        In: clips of maps (N, C, T, H, W) with C T = in_channels, stacked in order of time. Out:
        what the backbone gives.
    """

    def __init__(
        self,
        backbone: dict,
        in_channels: int,
        stride: int | None = None,
        init_cfg: dict | None = None,
    ) -> None:
        super().__init__(init_cfg=init_cfg)
        self.in_channels = in_channels
        self.pretrained = is_pretrained(backbone)
        self.backbone = build_backbone(backbone)
        conv = find_first_conv(self.backbone)
        fit_first_conv(conv, in_channels, keep_rgb=False)
        conv.stride = (stride, stride) if stride is not None else conv.stride
        if not self.pretrained:
            conv.reset_parameters()  # equal kernels would only slow a start from scratch
        self.register_load_state_dict_pre_hook(adopt_bare_keys)

    def init_weights(self) -> None:
        """Initialise the backbone as it does itself, pretrained RGB weights included."""
        if not self.pretrained:
            super().init_weights()
            return
        with rgb_kernels(find_first_conv(self.backbone), keep_rgb=False):
            super().init_weights()

    def forward(self, clips: Tensor) -> Tensor:
        if clips.dim() != 5 or clips.shape[1] * clips.shape[2] != self.in_channels:
            raise ValueError(
                f'clips: expected maps (N, C, T, H, W) with C T = {self.in_channels}, '
                f'got {tuple(clips.shape)}'
            )
        return self.backbone(clips.transpose(1, 2).flatten(1, 2))
