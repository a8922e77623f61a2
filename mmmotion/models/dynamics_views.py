"""What DCD's branches see: components of the dynamics that the stem has found (section 3)."""

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from mmmotion.ops import warped_difference
from mmmotion.registry import MODELS

from .stems import Dynamics

__all__ = ['AppearanceChange', 'ApparentMotion', 'StaticAppearance']


@MODELS.register_module()
class StaticAppearance(nn.Module):
    """The low-level features of the frames (section 3.2).

    Args:
        step (int): take every so many-th row and column: 2 if the stem has stride 1 for the sake of
            the displacement, exactly what it gives with stride 2.

    Convention:
        Out: (B, N, C, T, H, W).
    """

    def __init__(self, step: int = 1) -> None:
        super().__init__()
        self.step = step

    def forward(self, dynamics: Dynamics) -> Tensor:
        return _as_clips(dynamics.features[..., :: self.step, :: self.step])


@MODELS.register_module()
class ApparentMotion(nn.Module):
    """The displacement maps between adjacent frames (section 3.3).

    Convention:
        Out: (B, N, 2, T - 1, H, W), dx before dy.
    """

    def forward(self, dynamics: Dynamics) -> Tensor:
        return _as_clips(dynamics.displacement)


@MODELS.register_module()
class AppearanceChange(nn.Module):
    """The differences between adjacent frames, without what motion explains (section 3.4).

    Args:
        of (str): ``'features'``, or ``'rgb'``, the frames themselves (Table 4).
        warped_by (str, optional): ``'displacement'``, or None, a plain difference.
        step (int): as in ``StaticAppearance``.

    Convention:
        Later minus earlier. Out: (B, N, C, T - 1, H, W).
    """

    def __init__(
        self, of: str = 'features', warped_by: str | None = 'displacement', step: int = 1
    ) -> None:
        super().__init__()
        if of not in ('features', 'rgb'):
            raise ValueError(f"of: expected 'features' or 'rgb', got {of!r}")
        if warped_by not in ('displacement', None):
            raise ValueError(f"warped_by: expected 'displacement' or None, got {warped_by!r}")
        self.of = of
        self.warped_by = warped_by
        self.step = step

    def forward(self, dynamics: Dynamics) -> Tensor:
        maps = dynamics.features if self.of == 'features' else dynamics.frames
        change = self._subtract(maps[:, :, :-1], maps[:, :, 1:], dynamics)
        return _as_clips(change[..., :: self.step, :: self.step])

    def _subtract(self, earlier: Tensor, later: Tensor, dynamics: Dynamics) -> Tensor:
        if self.warped_by is None:
            return later - earlier
        displacement = _fit(dynamics.displacement.flatten(0, 2), later.shape[-2:])
        change = warped_difference(earlier.flatten(0, 2), later.flatten(0, 2), displacement)
        return change.unflatten(0, later.shape[:3])


def _fit(displacement: Tensor, size: torch.Size) -> Tensor:
    """Bring displacements, (N, 2, h, w), to another size, and to its pixels."""
    if displacement.shape[-2:] == size:
        return displacement
    scale = [size[1] / displacement.shape[3], size[0] / displacement.shape[2]]
    larger = F.interpolate(displacement, size=tuple(size), mode='bilinear', align_corners=False)
    return larger * larger.new_tensor(scale).view(1, 2, 1, 1)


def _as_clips(maps: Tensor) -> Tensor:
    return maps.transpose(2, 3).contiguous()
