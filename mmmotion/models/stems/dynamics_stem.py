"""What DCD's branches share: low-level features of every frame, and their displacement.

Recognize Actions by Disentangling Components of Dynamics (DCD), section 3.1. Ours, as the paper is
silent: the features are those after the ReLU of the first convolution, so that one map serves all
branches.
"""

from functools import cached_property

from mmengine.model import BaseModule
from torch import Tensor, nn

from mmmotion.models.backbones.building import build_backbone
from mmmotion.models.backbones.first_conv import find_first_conv
from mmmotion.ops import DisplacementMap
from mmmotion.registry import MODELS

__all__ = ['Dynamics', 'DynamicsStem']


class Dynamics:
    """Frames, their features, and the displacement between them, found when first asked for.

    Args:
        frames: (B, N, T, 3, H, W).
        features: (B, N, T, C, h, w).
        displacement_map: finds displacements, (n, T - 1, 2, h, w), of features (n, T, C, h, w).
    """

    def __init__(self, frames: Tensor, features: Tensor, displacement_map: nn.Module) -> None:
        self.frames = frames
        self.features = features
        self.displacement_map = displacement_map

    @cached_property
    def displacement(self) -> Tensor:
        """Displacements between adjacent frames, (B, N, T - 1, 2, h, w), in pixels of features."""
        maps = self.displacement_map(self.features.flatten(0, 1))
        return maps.unflatten(0, self.features.shape[:2])


@MODELS.register_module()
class DynamicsStem(BaseModule):
    """Find the low-level features of every frame, for all branches at once.

    Args:
        backbone (dict): config of a 2D network that gives one map: a ``ConvStem``, or a
            ``BNInception`` with ``out_indices=('conv1',)``.
        max_displacement (int | tuple[int, int]): of :func:`mmmotion.ops.displacement_map`.
        tau (float): likewise.
        assignment (str): likewise, ``'soft'`` or ``'wta'``.
        stride (int, optional): of the first convolution, if it shall have another one: 1 gives maps
            of the size of the frames (Table 3, 224 x 224).

    Convention:
        In: clips (B, N, 3, T, H, W), MMAction2's ``NCTHW``. Out: :class:`Dynamics`. One frame is
        enough for static appearance; a displacement needs two.
    """

    def __init__(
        self,
        backbone: dict,
        max_displacement: int | tuple[int, int] = 4,
        tau: float = 0.02,
        assignment: str = 'soft',
        stride: int | None = None,
        init_cfg: dict | None = None,
    ) -> None:
        super().__init__(init_cfg=init_cfg)
        self.backbone = build_backbone(backbone)
        if stride is not None:
            find_first_conv(self.backbone).stride = (stride, stride)
        self.displacement_map = DisplacementMap(max_displacement, tau=tau, assignment=assignment)

    def forward(self, clips: Tensor) -> Dynamics:
        if clips.dim() != 6:
            raise ValueError(
                f'clips: expected (B, N, 3, T, H, W), that is NCTHW, got {tuple(clips.shape)}'
            )
        frames = clips.transpose(2, 3)
        features = self.backbone(frames.flatten(0, 2))
        return Dynamics(frames, features.unflatten(0, frames.shape[:3]), self.displacement_map)
