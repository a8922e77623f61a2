"""Persistence of Appearance (PA): the length of the change of low-level features between frames.

PAN: Towards Fast Action Recognition via Learning Persistence of Appearance, section III-A.

Deviates: the features of a frame are linear in it, so the change of features is computed as the
features of the change: one convolution per pair instead of one per frame, and no bias, exactly.
"""

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from mmmotion.ops._checks import check_choice, check_float, check_frames, check_shape
from mmmotion.ops.engines.persistence_cpu import persistence_cpu
from mmmotion.ops.shapes import adjacent_frames, each_frame

__all__ = [
    'RELEASED_OFFSET',
    'PersistenceOfAppearance',
    'attend_persistence',
    'persistence_of_appearance',
]

# The released code takes earlier minus later and adds 1e-6 to it; here a change is later minus
# earlier, so what it adds changes sign.
RELEASED_OFFSET = -1e-6


def persistence_of_appearance(
    clip: Tensor, weight: Tensor | None = None, *, eps: float = 1e-14, offset: float = 0.0
) -> Tensor:
    r"""Measure how far the features of each pixel move from a frame to the next.

    .. math:: PA_t = \sqrt{\sum_c (F_c(t + 1) - F_c(t))^2 + eps}, \quad F = weight * clip

    Equations 4 and 5. ``eps`` gives the square root a gradient where nothing moves (exactly 0): it
    is the square of the value that stays there (1e-7), and disappears in the rounding of float32
    from ``PA = 1e-4`` on. The root and the sum are computed in float32 at least.

    Args:
        clip: frames in time order, of any range, (N, m, C, H, W) with m >= 2; C is 3 for RGB.
        weight: filters of odd height and width, (8, 3, 7, 7) in the paper, (F, C, kh, kw) in
            general; None compares the pixels themselves (d = 0).
        eps: added under the root, in squared units of the features.
        offset: added to every change of a feature; ``RELEASED_OFFSET`` gives the released values.

    Returns:
        Non-negative maps in the type of ``clip``, (N, m - 1, H, W).

    Raises:
        TypeError: if the clip or the filters are no floating-point tensor.
        ValueError: if the shape of one is another, or there is one frame only.

    Convention:
        Map t compares the frames t and t + 1, later minus earlier; frames are padded with zeros.

    Example:
        >>> clip = torch.zeros(1, 2, 3, 4, 6)
        >>> clip[:, 1, :2] = torch.tensor([3.0, 4.0])[:, None, None]
        >>> persistence_of_appearance(clip)[0, 0, 0, 0]
        tensor(5.)
    """
    _check_arguments(clip, weight)
    if weight is not None and _is_plain_cpu(clip, weight):
        maps: Tensor = persistence_cpu(clip, weight, eps, offset)
        return maps
    earlier, later = adjacent_frames(clip)
    change = later - earlier  # (N, m - 1, C, H, W)
    if weight is None:
        return _length(change + offset, eps).to(clip.dtype)
    bias = weight.new_full((weight.shape[0],), offset)
    padding = (weight.shape[2] // 2, weight.shape[3] // 2)
    change = each_frame(lambda pair: F.conv2d(pair, weight, bias, padding=padding), change)
    return _length(change, eps).to(clip.dtype)


def attend_persistence(persistence: Tensor, features: Tensor) -> Tensor:
    r"""Let PA attend to the appearance it was found in (encoding e2).

    .. math:: O_t = sigmoid(PA_t) \cdot mean_c F_c(t)

    Equation 7.

    Args:
        persistence: PA, (N, m - 1, H, W).
        features: the features F of the first m - 1 frames, (N, m - 1, C, H, W).

    Returns:
        The attended mean features, (N, m - 1, H, W).

    Raises:
        ValueError: if the features are of another number of frames than PA.

    Example:
        >>> attend_persistence(torch.zeros(1, 1, 2, 2), torch.ones(1, 1, 8, 2, 2))[0, 0, 0]
        tensor([0.5000, 0.5000])
    """
    check_shape('features', features, ('N', persistence.shape[1], 'C', 'H', 'W'))
    return persistence.sigmoid() * features.mean(2)


class PersistenceOfAppearance(nn.Module):
    """Module of :func:`persistence_of_appearance`, in each of the paper's variants.

    By default it holds the paper's 1184 parameters, ``conv.weight`` and ``conv.bias``, initialised
    as released. The bias cancels in PA; it is stored because released weights have it, and because
    the features themselves (eq. 7) need it.

    Args:
        num_filters: number of features compared.
        kernel_size: odd size of the filters.
        depth: d, the number of convolutions the features are made by; 0 compares the pixels, and
            there are no parameters. Between two convolutions stands a ReLU, of which the paper says
            nothing: without it, several would be one.
        encoding: ``'e1'``, PA itself (eq. 6), or ``'e2'``, appearance attended by PA (eq. 7).
        eps: as in the function.
        offset: as in the function.
        init_std: standard deviation of the filters' initial weights. The released 0.001 leaves PA
            far below RGB; training from scratch wants both alike, about 0.1. Filters of deeper
            layers have He's, so that they neither grow nor vanish.
    """

    def __init__(
        self,
        num_filters: int = 8,
        kernel_size: int = 7,
        *,
        depth: int = 1,
        encoding: str = 'e1',
        eps: float = 1e-14,
        offset: float = 0.0,
        init_std: float = 0.001,
    ) -> None:
        super().__init__()
        _check_settings(kernel_size, depth, encoding)
        self.encoding = encoding
        self.eps = eps
        self.offset = offset
        self.init_std = init_std
        convs = []
        in_channels = 3
        for _ in range(depth):
            padding = kernel_size // 2
            convs.append(nn.Conv2d(in_channels, num_filters, kernel_size, padding=padding))
            in_channels = num_filters
        # PA is of the last convolution; the lower ones make the features that it is applied to.
        self.conv = convs.pop() if convs else None
        self.lower = nn.Sequential()
        for conv in convs:
            self.lower.append(nn.Sequential(conv, nn.ReLU(inplace=True)))
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Draw the filters from normal distributions and zero the biases."""
        convs = [module for module in self.modules() if isinstance(module, nn.Conv2d)]
        if not convs:
            return
        for conv in convs:
            nn.init.kaiming_normal_(conv.weight, nonlinearity='relu')
            assert conv.bias is not None
            nn.init.zeros_(conv.bias)
        # The last convolution, `self.conv`, was registered before the lower ones.
        first = convs[1] if len(self.lower) else convs[0]
        nn.init.normal_(first.weight, 0, self.init_std)

    def forward(self, clip: Tensor) -> Tensor:
        """Map clips, (N, m, 3, H, W), to PA or what it attends to, (N, m - 1, H, W)."""
        check_shape('clip', clip, ('N', 'm', 3, 'H', 'W'))
        if len(self.lower):
            clip = each_frame(self.lower, clip)
        maps = persistence_of_appearance(clip, self._filters(), eps=self.eps, offset=self.offset)
        if self.encoding == 'e1':
            return maps
        earlier, _ = adjacent_frames(clip)
        return attend_persistence(maps, self._mean(earlier))

    def extra_repr(self) -> str:
        """Return the settings that the parameters do not show."""
        return (
            f'encoding={self.encoding}, eps={self.eps}, offset={self.offset}, '
            f'init_std={self.init_std}'
        )

    def _filters(self) -> Tensor | None:
        if self.conv is None:
            return None
        assert self.conv.bias is not None
        # The bias takes part with its true gradient, 0, so that a distributed run finds no unused
        # parameter; on the filters this costs nothing.
        return self.conv.weight + 0 * self.conv.bias[:, None, None, None]

    def _mean(self, clip: Tensor) -> Tensor:
        """Return the mean feature of each frame, (N, m - 1, 1, H, W)."""
        if self.conv is None:
            return clip.mean(2, keepdim=True)
        assert self.conv.bias is not None
        # The mean of the features is the feature of the mean filter: one convolution, not eight.
        weight = self.conv.weight.mean(0, keepdim=True)
        bias = self.conv.bias.mean(0, keepdim=True)
        padding = self.conv.padding
        return each_frame(lambda frames: F.conv2d(frames, weight, bias, padding=padding), clip)


def _check_settings(kernel_size: int, depth: int, encoding: str) -> None:
    if kernel_size % 2 == 0:
        raise ValueError(f'kernel_size: expected an odd number, got {kernel_size}')
    if depth < 0:
        raise ValueError(f'depth: expected 0 or more convolutions, got {depth}')
    check_choice('encoding', encoding, ('e1', 'e2'))


def _check_arguments(clip: Tensor, weight: Tensor | None) -> None:
    check_float('clip', clip)
    check_frames('clip', clip, ('N', 'm', 'C', 'H', 'W'))
    if weight is None:
        return
    check_float('weight', weight)
    check_shape('weight', weight, ('F', clip.shape[2], 'kh', 'kw'))
    if weight.shape[2] % 2 == 0 or weight.shape[3] % 2 == 0:
        raise ValueError(f'weight: expected odd kh and kw, got the shape {tuple(weight.shape)}')


def _is_plain_cpu(clip: Tensor, weight: Tensor) -> bool:
    # Half precision is the convolution library's, as are GPUs; the gradient of a clip is rare.
    return (
        clip.device.type == weight.device.type == 'cpu'
        and clip.dtype == weight.dtype
        and clip.dtype in (torch.float32, torch.float64)
        and not (clip.requires_grad and torch.is_grad_enabled())
        and not torch.is_autocast_enabled('cpu')
        and not torch.compiler.is_exporting()
    )


def _length(change: Tensor, eps: float) -> Tensor:
    # Half precision would lose eps, and overflow at 256: 65504 is the largest float16.
    change = change.to(torch.promote_types(change.dtype, torch.float32))
    return (change.square().sum(2) + eps).sqrt()
