"""Cost volumes: how alike each point of a map and its neighbours in the next map are.

Recognize Actions by Disentangling Components of Dynamics (DCD), section 3.3; with the dot product,
the correlation layer of FlowNet.
"""

import torch
from torch import Tensor, nn

from mmmotion.ops.engines.matching import make_window, match

__all__ = ['CostVolume', 'cost_volume']


def cost_volume(
    f1: Tensor,
    f2: Tensor,
    *,
    max_displacement: int | tuple[int, int],
    similarity: str = 'cosine',
    stride: int = 1,
    dilation: int = 1,
) -> Tensor:
    r"""Match every point of a map with a window of the next map.

    .. math:: C(i, j, \delta_i, \delta_j) = \cos(f_1(i, j), f_2(i + \delta_i, j + \delta_j))

    Section 3.3, "Cost volume construction". Beyond the border the features are 0, and so are the
    similarities; a vector shorter than 1e-6 has no direction, and similarity 0 to all. Half
    precision is computed in float32. :func:`displacement_map` needs no volume.

    Args:
        f1: features of the earlier frame, of any range, (N, C, H, W).
        f2: features of the later frame, (N, C, H, W).
        max_displacement: (Dh, Dw), steps up and down, and left and right; one number for both.
        similarity: ``'cosine'``, in -1..1, or ``'dot'``, the plain dot product.
        stride: match only every so many-th row and column of ``f1`` (FlowNet's stride 1).
        dilation: rows or columns from a candidate to the next (FlowNet's stride 2).

    Returns:
        Similarities in the type of ``f1``, (N, 2 Dh + 1, 2 Dw + 1, H, W), with a stride
        (..., ceil(H / stride), ceil(W / stride)).

    Raises:
        TypeError: if a map is no floating-point tensor.
        ValueError: if the maps cannot be matched, or a setting is out of its range.

    Convention:
        [n, Dh + i, Dw + j, y, x] compares ``f1`` at (y, x) with ``f2`` at (y + i, x + j).

    Example:
        >>> f1, f2 = torch.zeros(1, 2, 4, 6), torch.zeros(1, 2, 4, 6)
        >>> f1[0, :, 1, 2] = f2[0, :, 0, 4] = torch.tensor([3.0, 4.0])  # up by 1, right by 2
        >>> cost_volume(f1, f2, max_displacement=(1, 2)).nonzero().tolist()
        [[0, 0, 4, 1, 2]]
    """
    window = make_window(f1, f2, max_displacement, stride, dilation, similarity)
    q, k = match(f1, f2, window, similarity)
    candidates = window.candidates(window.pad(k))
    similarities = [(q * found).sum(1) for _, found in candidates]  # (N, H, W) each
    volume = torch.stack(similarities, dim=1).to(f1.dtype)
    # In reading order: (N, (2 Dh + 1) (2 Dw + 1), H, W).
    size = 2 * window.reach_y + 1, 2 * window.reach_x + 1
    return volume.view(q.shape[0], *size, *q.shape[2:])


class CostVolume(nn.Module):
    """Module of :func:`cost_volume`, without parameters.

    Args:
        max_displacement: as in the function.
        similarity: as in the function.
        stride: as in the function.
        dilation: as in the function.
    """

    def __init__(
        self,
        max_displacement: int | tuple[int, int] = 4,
        *,
        similarity: str = 'cosine',
        stride: int = 1,
        dilation: int = 1,
    ) -> None:
        super().__init__()
        self.max_displacement = max_displacement
        self.similarity = similarity
        self.stride = stride
        self.dilation = dilation

    def forward(self, f1: Tensor, f2: Tensor) -> Tensor:
        """Map two feature maps, (N, C, H, W), to (N, 2 Dh + 1, 2 Dw + 1, H, W)."""
        return cost_volume(
            f1,
            f2,
            max_displacement=self.max_displacement,
            similarity=self.similarity,
            stride=self.stride,
            dilation=self.dilation,
        )

    def extra_repr(self) -> str:
        """Return the settings."""
        return (
            f'max_displacement={self.max_displacement}, similarity={self.similarity!r}, '
            f'stride={self.stride}, dilation={self.dilation}'
        )
