"""The networks of DCD's branches: 2D backbones on maps that are not RGB.

Recognize Actions by Disentangling Components of Dynamics (DCD), sections 3.2 to 3.4.
"""

from collections.abc import Sequence

import torch
from mmengine.model import BaseModule
from torch import Tensor, nn

from mmmotion.registry import MODELS

from .building import adopt_bare_keys, build_backbone, is_pretrained
from .first_conv import find_first_conv, fit_first_conv, rgb_kernels

__all__ = ['FrameBackbone', 'MapBackbone', 'pool_pairs']


def pool_pairs(maps: Tensor, num_frames: int) -> Tensor:
    """Keep the maximum of every two adjacent frames, and a last odd one.

    Args:
        maps: (N T, C, H, W).
        num_frames: T.

    Returns:
        (N ceil(T / 2), C, H, W).
    """
    pairs = maps.unflatten(0, (-1, num_frames)).split(2, dim=1)
    return torch.stack([pair.amax(1) for pair in pairs], dim=1).flatten(0, 1)


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


@MODELS.register_module()
class FrameBackbone(BaseModule):
    """The rest of a 2D backbone on the low-level features of every frame, pooled over time.

    Gradual pooling (Table 1) halves the frames behind some stages; what is left at the end is
    pooled at once, which alone is late pooling.

    Args:
        backbone (dict): config of a backbone whose ``conv1`` is all up to its first pooling:
            MMAction2's ResNets, ``BNInception``. It is left out: the stem has done it.
        num_frames (int): T, at least 1.
        pool_after (Sequence[str]): names of the stages to halve the frames behind, in their order;
            DCD's are ``pool2``, ``inception_3c`` and ``inception_4e``, where maps have been halved.

    Convention:
        In: features (N, C, T, H, W). Out: (N, D, H', W').
    """

    def __init__(
        self,
        backbone: dict,
        num_frames: int = 8,
        pool_after: Sequence[str] = ('pool2', 'inception_3c', 'inception_4e'),
        init_cfg: dict | None = None,
    ) -> None:
        super().__init__(init_cfg=init_cfg)
        self.num_frames = num_frames
        self.backbone = build_backbone(backbone)
        stages = dict(self.backbone.named_children())
        unknown = [name for name in ('conv1', *pool_after) if name not in stages]
        if unknown:
            raise ValueError(
                f'backbone: expected one with the stages {", ".join(unknown)}, '
                f'got {", ".join(stages)}'
            )
        self.backbone.conv1 = nn.Identity()
        for name in pool_after:
            _pool_behind(stages[name], num_frames)
            num_frames = -(-num_frames // 2)
        self.register_load_state_dict_pre_hook(adopt_bare_keys)

    def forward(self, clips: Tensor) -> Tensor:
        if clips.dim() != 5 or clips.shape[2] != self.num_frames:
            raise ValueError(
                f'clips: expected features (N, C, {self.num_frames}, H, W), that is '
                f'num_frames={self.num_frames}, got {tuple(clips.shape)}'
            )
        maps = self.backbone(clips.transpose(1, 2).flatten(0, 1))
        return maps.unflatten(0, (len(clips), -1)).amax(1)


def _pool_behind(stage: nn.Module, num_frames: int) -> None:
    stage.register_forward_hook(lambda _, __, maps: pool_pairs(maps, num_frames))
