"""The rest of a 2D backbone on every frame, pooled over time (DCD, sections 3.2 and 3.4)."""

from collections.abc import Sequence

from mmengine.model import BaseModule
from torch import Tensor, nn

from mmmotion.models.blocks.pool_pairs import pool_pairs
from mmmotion.models.wrappers.building import adopt_bare_keys, build_backbone
from mmmotion.registry import MODELS

__all__ = ['FrameBackbone']


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
