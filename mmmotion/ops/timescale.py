"""Various-timescale Aggregation Pooling (VAP): a clip seen at several timescales, weighed.

PAN: Towards Fast Action Recognition via Learning Persistence of Appearance, section IV-B.
"""

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from mmmotion.ops._checks import check_float, check_shape

__all__ = [
    'TimescaleAggregation',
    'TimescaleAverage',
    'TimescalePool',
    'pyramid_timescales',
    'timescale_pool',
]


def pyramid_timescales(num_segments: int) -> tuple[int, ...]:
    """Return the paper's timescales: 1, 2, 4, ... up to half of ``num_segments``.

    They exist where the last one, 2^(floor(log2 T) - 1), divides T: for T = 2^n and T = 3 * 2^n.

    Args:
        num_segments: T, at least 2.

    Returns:
        The timescales in rising order.

    Raises:
        ValueError: if they do not divide the number of segments.

    Example:
        >>> pyramid_timescales(8), pyramid_timescales(12)
        ((1, 2, 4), (1, 2, 4))
    """
    timescales = tuple(2**i for i in range(num_segments.bit_length() - 1))
    if num_segments < 2 or num_segments % timescales[-1]:
        raise ValueError(
            'num_segments: expected 2^n or 3 * 2^n, from 2 on, or timescales that divide it, '
            f'got {num_segments}'
        )
    return timescales


def timescale_pool(x: Tensor, *, timescales: Sequence[int] | None = None) -> Tensor:
    r"""Take the maximum over time at several timescales.

    .. math:: v_k = maxpool_{(T / k, 1, k)} \{x_1, ..., x_T\}

    Equation 11, with kernel, stride and dilation: timescale k gives k vectors, of
    max-pooling over every k-th segment.

    Args:
        x: features of T segments in time order, (N, T, D).
        timescales: divisors of T, in the order wanted; None for :func:`pyramid_timescales`.

    Returns:
        The vectors of all timescales, (N, K, D) with K their sum; T - 1 by default if T = 2^n.

    Raises:
        TypeError: if the features are no floating-point tensor.
        ValueError: if their shape is another, or a timescale does not divide T.

    Convention:
        Vector b of timescale k is the maximum over the segments b, b + k, b + 2k, ...

    Example:
        >>> timescale_pool(torch.tensor([[[1.0], [7.0], [3.0], [5.0]]])).flatten()
        tensor([7., 3., 7.])
    """
    check_float('x', x)
    check_shape('x', x, ('N', 'T', 'D'))
    timescales = _checked_timescales(x.shape[1], timescales)
    num_clips, num_segments, size = x.shape
    pooled = []
    for k in timescales:
        every_kth = x.reshape(num_clips, num_segments // k, k, size)
        pooled.append(every_kth.amax(1))  # (N, k, D)
    return torch.cat(pooled, dim=1)


class TimescalePool(nn.Module):
    """Module of :func:`timescale_pool`.

    Args:
        timescales: as in the function.
    """

    def __init__(self, timescales: Sequence[int] | None = None) -> None:
        super().__init__()
        self.timescales = timescales

    def forward(self, x: Tensor) -> Tensor:
        """Map features, (N, T, D), to those of all timescales, (N, K, D)."""
        return timescale_pool(x, timescales=self.timescales)


class TimescaleAggregation(nn.Module):
    r"""Pool a clip over the timescales and add what they give, weighed by what they hold.

    .. math:: z = mean_d(v), \quad w = softmax(W_2 relu(W_1 z)), \quad f = \sum_k w_k v_k

    Equations 12 to 14, over the vectors v of :func:`timescale_pool`: (N, T, D) becomes (N, D).

    Args:
        num_segments: T, the number of segments of a clip.
        timescales: as in the function.
        expansion: rows of W_1 for each of its columns, alpha in the paper.

    Example:
        >>> TimescaleAggregation(8)(torch.rand(2, 8, 32)).shape
        torch.Size([2, 32])
    """

    def __init__(
        self, num_segments: int, *, timescales: Sequence[int] | None = None, expansion: int = 4
    ) -> None:
        super().__init__()
        self.num_segments = num_segments
        self.timescales = _checked_timescales(num_segments, timescales)
        size = sum(self.timescales)
        self.weight_perception = nn.Sequential(
            nn.Linear(size, size * expansion, bias=False),
            nn.ReLU(inplace=True),
            nn.Linear(size * expansion, size, bias=False),
        )

    def weights(self, v: Tensor) -> Tensor:
        """Weigh the pooled vectors, (N, K, D), by equations 12 and 13: (N, K), summing to 1."""
        logits: Tensor = self.weight_perception(v.mean(2))
        return logits.softmax(1)

    def forward(self, x: Tensor) -> Tensor:
        """Map features, (N, T, D), to one vector each, (N, D)."""
        check_shape('x', x, ('N', self.num_segments, 'D'))
        v = timescale_pool(x, timescales=self.timescales)
        weights = self.weights(v).unsqueeze(2)  # (N, K, 1)
        return (weights * v).sum(1)

    def extra_repr(self) -> str:
        """Return the settings that the parameters do not show."""
        return f'num_segments={self.num_segments}, timescales={self.timescales}'


class TimescaleAverage(nn.Module):
    r"""Pool a clip over the timescales and add what they give, with fixed weights.

    .. math:: f = \frac{1}{S} \sum_{k} \frac{1}{k} \sum_{b < k} v_{k, b}

    for S timescales k: all have the same weight, and so have the k vectors of each. This is
    Various-timescale Inference Pooling (VIP), the forerunner of :class:`TimescaleAggregation` in
    Table IV; its preset weights are in no document, these are ours. With the timescale T alone, it
    is the average over the segments. There are no parameters: (N, T, D) becomes (N, D).

    Args:
        num_segments: T, the number of segments of a clip.
        timescales: as in :func:`timescale_pool`.

    Example:
        >>> x = torch.tensor([[[1.0], [7.0], [3.0], [5.0]]])
        >>> TimescaleAverage(4)(x).item(), TimescaleAverage(4, timescales=(4,))(x).item()
        (6.0, 4.0)
    """

    def __init__(self, num_segments: int, *, timescales: Sequence[int] | None = None) -> None:
        super().__init__()
        self.num_segments = num_segments
        self.timescales = _checked_timescales(num_segments, timescales)

    def forward(self, x: Tensor) -> Tensor:
        """Map features, (N, T, D), to one vector each, (N, D)."""
        check_shape('x', x, ('N', self.num_segments, 'D'))
        v = timescale_pool(x, timescales=self.timescales)  # (N, K, D)
        of_each = torch.split(v, list(self.timescales), dim=1)
        means = [vectors.mean(1) for vectors in of_each]
        return torch.stack(means).mean(0)

    def extra_repr(self) -> str:
        """Return the settings."""
        return f'num_segments={self.num_segments}, timescales={self.timescales}'


def _checked_timescales(num_segments: int, timescales: Sequence[int] | None) -> tuple[int, ...]:
    if timescales is None:
        return pyramid_timescales(num_segments)
    if not timescales or any(k < 1 or num_segments % k for k in timescales):
        raise ValueError(
            f'timescales: expected divisors of the {num_segments} segments, got {tuple(timescales)}'
        )
    return tuple(timescales)
