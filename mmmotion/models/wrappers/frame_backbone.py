"""The rest of a 2D backbone on every frame, pooled over time (DCD, sections 3.2 and 3.4)."""

from collections.abc import Sequence

from torch import Tensor, nn

from mmmotion.models.wrappers.plugged_backbone import PluggedBackbone
from mmmotion.registry import MODELS

__all__ = ['FrameBackbone']


@MODELS.register_module()
class FrameBackbone(PluggedBackbone):
    """The rest of a 2D backbone on the low-level features of every frame, pooled over time.

    A ``PluggedBackbone`` without the first convolution, whose plugins are max-pooling: gradual
    pooling (Table 1) downsamples time after some stages; what is left at the end is pooled at once,
    which alone is late pooling.

    Args:
        backbone (dict): config of a backbone whose ``conv1`` is all up to its first pooling:
            MMAction2's ResNets, ``BNInception``. It is left out: the stem has done it.
        num_frames (int): T, at least 1.
        pool_after (Sequence[str]): names of the stages to pool pairs of frames after, in their
            order; DCD's are ``pool2``, ``inception_3c`` and ``inception_4e``, where maps have been
            downsampled.

    Raises:
        ValueError: the backbone has no ``conv1``, or none of the stages.

    Convention:
        In: features (N, T, C, H, W). Out: (N, D, H', W').
    """

    def __init__(
        self,
        backbone: dict,
        num_frames: int = 8,
        pool_after: Sequence[str] = ('pool2', 'inception_3c', 'inception_4e'),
        init_cfg: dict | None = None,
    ) -> None:
        pooling = dict(type='mmmotion.PoolPairs')
        plugins = [dict(after=name, module=pooling) for name in pool_after]
        super().__init__(backbone, plugins, num_frames, init_cfg=init_cfg)
        if not hasattr(self.backbone, 'conv1'):
            raise ValueError(
                f'backbone: expected one with a stage conv1, got {type(self.backbone).__name__}'
            )
        self.backbone.conv1 = nn.Identity()

    def forward(self, features: Tensor) -> Tensor:
        if features.dim() != 5 or features.shape[1] != self.num_frames:
            raise ValueError(
                f'features: expected (N, {self.num_frames}, C, H, W), that is '
                f'num_frames={self.num_frames}, got {tuple(features.shape)}'
            )
        maps = self.run_frames(features)  # (N, T', D, H', W')
        return maps.amax(1)
