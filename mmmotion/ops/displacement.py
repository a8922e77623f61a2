"""Displacement maps: where each point of a map went, as expected from a cost volume.

Recognize Actions by Disentangling Components of Dynamics (DCD), section 3.3.

Deviates: the volume is never stored. On a CPU and on NVIDIA's GPUs it is computed tile by tile as
products of matrices, elsewhere offset by offset with a running softmax; the backward pass computes
it anew.
"""

import torch
from torch import Tensor, nn

from mmmotion.ops._checks import check_choice, check_frames
from mmmotion.ops.engines.displacement_operator import DEVICES, displacement
from mmmotion.ops.engines.displacement_stream import displacement_stream
from mmmotion.ops.engines.matching import Window, make_window, match
from mmmotion.ops.shapes import adjacent_frames, fold_time, unfold_time

__all__ = ['DisplacementMap', 'displacement_map']


def displacement_map(
    f1: Tensor,
    f2: Tensor,
    *,
    max_displacement: int | tuple[int, int],
    tau: float = 0.02,
    assignment: str = 'soft',
    similarity: str = 'cosine',
    stride: int = 1,
    dilation: int = 1,
) -> Tensor:
    r"""Find the displacement of every point of a map from its similarities to the next map.

    .. math:: v(p) = \sum_\delta \delta \cdot softmax_\delta(C(p, \delta) / tau)

    Equations 1 and 2: the two marginals are of one softmax over the whole window. As tau tends to
    0, the candidate of highest similarity takes all; several that are equally similar share alike.

    Beyond the border similarities are 0, as in :func:`cost_volume`. So where a map is constant, 0
    is found inside, but at the border, where the candidates inside are the more similar ones, a
    displacement inwards: with a small tau the mean of the candidates inside, (Dw / 2, Dh / 2) in
    the upper left corner. Vectors without a direction find 0 everywhere.

    Args:
        f1: features of the earlier frame, of any range, (N, C, H, W).
        f2: features of the later frame, (N, C, H, W).
        max_displacement: (Dh, Dw), as in :func:`cost_volume`.
        tau: temperature, above 0, in units of the similarity.
        assignment: ``'soft'``, or ``'wta'``, winner-take-all, which ignores tau and has no
            gradient: the winner does not move with small changes of the features.
        similarity: as in :func:`cost_volume`.
        stride: as in :func:`cost_volume`.
        dilation: as in :func:`cost_volume`.

    Returns:
        Displacements in the type of ``f1``, (N, 2, H, W), with a stride
        (N, 2, ceil(H / stride), ceil(W / stride)); computed in float32 at least.

    Raises:
        TypeError: if a map is no floating-point tensor.
        ValueError: if the maps cannot be matched, or a setting is out of its range.

    Convention:
        (dx, dy), columns and rows, from ``f1`` to ``f2``, in pixels of the maps; x points right, y
        down. At most Dw and Dh (times the dilation) in size.

    Example:
        >>> f1, f2 = torch.zeros(1, 2, 4, 6), torch.zeros(1, 2, 4, 6)
        >>> f1[0, :, 1, 2] = f2[0, :, 0, 4] = torch.tensor([3.0, 4.0])  # up by 1, right by 2
        >>> displacement_map(f1, f2, max_displacement=(1, 2))[0, :, 1, 2]
        tensor([ 2., -1.])
    """
    window = make_window(f1, f2, max_displacement, stride, dilation, similarity)
    check_choice('assignment', assignment, ('soft', 'wta'))
    if assignment == 'wta':
        f1, f2 = f1.detach(), f2.detach()
        temperature = None
    elif tau > 0:
        temperature = float(tau)
    else:
        raise ValueError(f"tau: expected more than 0, or assignment='wta', got {tau}")
    with torch.autocast(f1.device.type, enabled=False):
        q, k = match(f1, f2, window, similarity)
        if _has_engine(q, window):
            out: Tensor = displacement(q, k, window.reach_y, window.reach_x, temperature)
        else:
            out = displacement_stream(q, k, window, temperature)
    return out.to(f1.dtype)


class DisplacementMap(nn.Module):
    """Module of :func:`displacement_map` for all pairs of adjacent frames, without parameters.

    Args:
        max_displacement: as in the function.
        tau: as in the function.
        assignment: as in the function.
        similarity: as in the function.
        stride: as in the function.
        dilation: as in the function.
    """

    def __init__(
        self,
        max_displacement: int | tuple[int, int] = 4,
        *,
        tau: float = 0.02,
        assignment: str = 'soft',
        similarity: str = 'cosine',
        stride: int = 1,
        dilation: int = 1,
    ) -> None:
        super().__init__()
        self.settings = dict(
            max_displacement=max_displacement,
            tau=tau,
            assignment=assignment,
            similarity=similarity,
            stride=stride,
            dilation=dilation,
        )

    def forward(self, clip: Tensor) -> Tensor:
        """Map features in time order, (N, T, C, H, W), to displacements, (N, T - 1, 2, H, W)."""
        check_frames('clip', clip, ('N', 'T', 'C', 'H', 'W'))
        earlier, later = adjacent_frames(clip)
        f1 = fold_time(earlier)  # (N (T - 1), C, H, W)
        f2 = fold_time(later)
        maps = displacement_map(f1, f2, **self.settings)  # type: ignore[arg-type]
        return unfold_time(maps, clip.shape[1] - 1)

    def extra_repr(self) -> str:
        """Return the settings."""
        return ', '.join(f'{name}={value!r}' for name, value in self.settings.items())


def _has_engine(features: Tensor, window: Window) -> bool:
    # Positions and candidates in steps would leave holes in the matrices.
    return (
        features.device.type in DEVICES
        and window.stride == window.dilation == 1
        and not torch.compiler.is_exporting()
    )
