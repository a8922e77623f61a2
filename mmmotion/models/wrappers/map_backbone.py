"""A backbone on the maps of a clip, as DCD's branch of apparent motion (section 3.3)."""

from torch import Tensor

from mmmotion.models.wrappers.base import Maps, Wrapper
from mmmotion.models.wrappers.first_conv import find_first_conv
from mmmotion.registry import MODELS

__all__ = ['MapBackbone']


@MODELS.register_module()
class MapBackbone(Wrapper):
    """Feed the maps of a clip, stacked as in a flow stream, to a 2D backbone.

    What a ``MotionBackbone`` does with the motion that it finds, for motion that a stem has found.
    The first convolution is fitted to the number of maps, as in TSN's cross-modality
    initialisation, which DCD trains with (section 4.1): new channels start as the mean of the RGB
    kernels.

    Args:
        backbone (dict): config of the backbone, as of :meth:`Wrapper.wrap`.
        in_channels (int): of all maps of a clip.
        stride (int, optional): of the first convolution, if it shall have another one: 1 where the
            maps have been downsampled already.

    Convention:
        In: maps (N, T, C, H, W) with T C = in_channels. Out: what the backbone gives for (N, T C,
        H, W).
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
        self.wrap(backbone)
        self.fit_inputs(in_channels)
        if stride is not None:
            find_first_conv(self.backbone).stride = (stride, stride)

    def forward(self, maps: Tensor) -> Maps:
        if maps.dim() != 5 or maps.shape[1] * maps.shape[2] != self.in_channels:
            raise ValueError(
                f'maps: expected (N, T, C, H, W) with T C = {self.in_channels}, '
                f'got {tuple(maps.shape)}'
            )
        return self.run(maps.flatten(1, 2))  # (N, T C, H, W)
