"""The dynamics of a clip, and what DCD's branches see of it.

Recognize Actions by Disentangling Components of Dynamics (DCD), section 3: a stem finds the
low-level features of every frame and their displacement (3.1); the branches see their components
(3.2 to 3.4). Ours, as the paper is silent: the features are those after the ReLU of the first
convolution, so that one map serves all branches.
"""

from dataclasses import dataclass, field

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from mmmotion.checks import check_choice
from mmmotion.models.wrappers.base import Wrapper
from mmmotion.models.wrappers.first_conv import find_first_conv
from mmmotion.ops import DisplacementMap, warp
from mmmotion.ops.shapes import adjacent_frames, fold_time, to_ntchw, unfold_time
from mmmotion.registry import MODELS

__all__ = ['ApparentMotion', 'AppearanceChange', 'Dynamics', 'DynamicsStem', 'StaticAppearance']


@dataclass(frozen=True, repr=False)
class Dynamics:
    """Frames, their features, and the displacement between them, found when first asked for.

    Args:
        frames: (B, N, T, 3, H, W).
        features: (B, N, T, C, h, w).
        displacement_map: finds displacements, (n, T - 1, 2, h, w), of features (n, T, C, h, w).
    """

    frames: Tensor
    features: Tensor
    displacement_map: nn.Module
    # A cached_property would do, but cannot be compiled.
    _found: list[Tensor] = field(default_factory=list)

    @property
    def displacement(self) -> Tensor:
        """Displacements between adjacent frames, (B, N, T - 1, 2, h, w), in pixels of features."""
        if not self._found:
            clips = self.features.flatten(0, 1)  # (B N, T, C, h, w)
            maps = self.displacement_map(clips)
            self._found.append(maps.unflatten(0, self.features.shape[:2]))
        return self._found[0]

    def replace(
        self,
        *,
        frames: Tensor | None = None,
        features: Tensor | None = None,
        displacement: Tensor | None = None,
    ) -> 'Dynamics':
        """Return a copy with other frames, features or displacement.

        The displacement of other features is found anew, unless it is given.
        """
        if displacement is not None:
            found = [displacement]
        else:
            found = list(self._found) if features is None else []
        return Dynamics(
            self.frames if frames is None else frames,
            self.features if features is None else features,
            self.displacement_map,
            found,
        )

    def __repr__(self) -> str:
        displacement = tuple(self._found[0].shape) if self._found else 'not asked for yet'
        return (
            f'Dynamics(frames={tuple(self.frames.shape)}, features={tuple(self.features.shape)}, '
            f'displacement={displacement})'
        )


@MODELS.register_module()
class DynamicsStem(Wrapper):
    """Find the low-level features of every frame, for all branches at once.

    Args:
        backbone (dict): config of a 2D network that gives one map: a ``ConvStem``, or a
            ``BNInception`` with ``out_indices=('conv1',)``.
        max_displacement (int | tuple[int, int]): of :func:`mmmotion.ops.displacement_map`.
        tau (float): of the same.
        assignment (str): of the same, ``'soft'`` or ``'wta'``.
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
        self.wrap(backbone)
        if stride is not None:
            find_first_conv(self.backbone).stride = (stride, stride)
        self.displacement_map = DisplacementMap(max_displacement, tau=tau, assignment=assignment)

    def forward(self, clips: Tensor) -> Dynamics:
        if clips.dim() != 6:
            raise ValueError(
                f'clips: expected (B, N, 3, T, H, W), that is NCTHW, got {tuple(clips.shape)}'
            )
        frames = to_ntchw(clips)  # (B, N, T, 3, H, W)
        features = self.run(frames.flatten(0, 2))  # (B N T, C, h, w)
        return Dynamics(frames, features.unflatten(0, frames.shape[:3]), self.displacement_map)


@MODELS.register_module()
class StaticAppearance(nn.Module):
    """The low-level features of the frames (section 3.2).

    Args:
        step (int): take every so many-th row and column: 2 if the stem has stride 1 for the sake of
            the displacement, exactly what it gives with stride 2.

    Convention:
        Out: (B, N, T, C, H, W).
    """

    def __init__(self, step: int = 1) -> None:
        super().__init__()
        self.step = step

    def forward(self, dynamics: Dynamics) -> Tensor:
        return dynamics.features[..., :: self.step, :: self.step]


@MODELS.register_module()
class ApparentMotion(nn.Module):
    """The displacement maps between adjacent frames (section 3.3).

    Convention:
        Out: (B, N, T - 1, 2, H, W), dx before dy.
    """

    def forward(self, dynamics: Dynamics) -> Tensor:
        return dynamics.displacement


@MODELS.register_module()
class AppearanceChange(nn.Module):
    """The differences between adjacent frames, without what motion explains (section 3.4).

    Args:
        of (str): ``'features'``, or ``'rgb'``, the frames themselves (Table 4).
        warped_by (str, optional): ``'displacement'``, or None, a plain difference.
        step (int): as in ``StaticAppearance``.

    Convention:
        Later minus earlier. Out: (B, N, T - 1, C, H, W).
    """

    def __init__(
        self, of: str = 'features', warped_by: str | None = 'displacement', step: int = 1
    ) -> None:
        super().__init__()
        check_choice('of', of, ('features', 'rgb'))
        check_choice('warped_by', warped_by, ('displacement', None))
        self.of = of
        self.warped_by = warped_by
        self.step = step

    def forward(self, dynamics: Dynamics) -> Tensor:
        maps = dynamics.features if self.of == 'features' else dynamics.frames
        change = self._subtract(maps.flatten(0, 1), dynamics)  # (B N, T - 1, C, H, W)
        change = change.unflatten(0, maps.shape[:2])
        return change[..., :: self.step, :: self.step]

    def _subtract(self, clips: Tensor, dynamics: Dynamics) -> Tensor:
        earlier, later = adjacent_frames(clips)
        if self.warped_by is None:
            return later - earlier
        displacement = _fit(dynamics.displacement.flatten(0, 2), clips.shape[-2:])
        # To fold frames that were cut out of clips copies them. Only what is warped has to be.
        warped = warp(fold_time(earlier), displacement)  # (B N (T - 1), C, H, W)
        return later - unfold_time(warped, later.shape[1])


def _fit(displacement: Tensor, size: torch.Size) -> Tensor:
    """Bring displacements, (N, 2, h, w), to another size, and to its pixels."""
    if displacement.shape[-2:] == size:
        return displacement
    scale = [size[1] / displacement.shape[3], size[0] / displacement.shape[2]]
    larger = F.interpolate(displacement, size=tuple(size), mode='bilinear', align_corners=False)
    return larger * larger.new_tensor(scale).view(1, 2, 1, 1)
