"""Persistence of Appearance (PA): the length of the change of low-level features between frames.

PAN: Towards Fast Action Recognition via Learning Persistence of Appearance, section III-A.

Deviates: the features of a frame are linear in it, so the change of features is computed as the
features of the change: one convolution per pair instead of one per frame, and no bias, exactly.
"""

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from ._checks import check_float, check_shape
from ._persistence_cpu import persistence_cpu

__all__ = ['RELEASED_OFFSET', 'PersistenceOfAppearance', 'persistence_of_appearance']

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
        clip: frames in time order, of any range, (N, m, 3, H, W) with m >= 2.
        weight: filters of odd height and width, (8, 3, 7, 7) in the paper, (F, 3, kh, kw) in
            general; None compares the pixels themselves (d = 0).
        eps: added under the root, in squared units of the features.
        offset: added to every change of a feature; ``RELEASED_OFFSET`` gives the released values.

    Returns:
        Non-negative maps in the type of ``clip``, (N, m - 1, H, W).

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
    change = clip[:, 1:] - clip[:, :-1]
    if weight is None:
        return _length(change + offset, eps).to(clip.dtype)
    bias = weight.new_full((weight.shape[0],), offset)
    padding = (weight.shape[2] // 2, weight.shape[3] // 2)
    change = F.conv2d(change.flatten(0, 1), weight, bias, padding=padding)
    return _length(change.view(clip.shape[0], -1, *change.shape[1:]), eps).to(clip.dtype)


class PersistenceOfAppearance(nn.Module):
    """Module of :func:`persistence_of_appearance`.

    Holds the paper's 1184 parameters, ``conv.weight`` and ``conv.bias``, initialised as released.
    The bias cancels in PA; it is stored because released weights have it, and because a user of
    ``conv`` itself (eq. 7) needs it.

    Args:
        num_filters: number of features compared.
        kernel_size: odd size of the filters.
        eps: as in the function.
        offset: as in the function.
        init_std: standard deviation of the filters' initial weights. The released 0.001 leaves PA
            far below RGB; training from scratch wants both alike, about 0.1.
    """

    def __init__(
        self,
        num_filters: int = 8,
        kernel_size: int = 7,
        *,
        eps: float = 1e-14,
        offset: float = 0.0,
        init_std: float = 0.001,
    ) -> None:
        super().__init__()
        if kernel_size % 2 == 0:
            raise ValueError(f'kernel_size must be odd, got {kernel_size}.')
        self.eps = eps
        self.offset = offset
        self.init_std = init_std
        self.conv = nn.Conv2d(3, num_filters, kernel_size, padding=kernel_size // 2)
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Draw the filters from a normal distribution and zero the bias."""
        nn.init.normal_(self.conv.weight, 0, self.init_std)
        assert self.conv.bias is not None
        nn.init.zeros_(self.conv.bias)

    def forward(self, clip: Tensor) -> Tensor:
        """Map clips, (N, m, 3, H, W), to PA, (N, m - 1, H, W)."""
        assert self.conv.bias is not None
        # The bias takes part with its true gradient, 0, so that a distributed run finds no unused
        # parameter; on the filters this costs nothing.
        weight = self.conv.weight + 0 * self.conv.bias[:, None, None, None]
        return persistence_of_appearance(clip, weight, eps=self.eps, offset=self.offset)

    def extra_repr(self) -> str:
        """Return the settings that the parameters do not show."""
        return f'eps={self.eps}, offset={self.offset}, init_std={self.init_std}'


def _check_arguments(clip: Tensor, weight: Tensor | None) -> None:
    check_float('clip', clip)
    check_shape('clip', clip, ('N', 'm', 3, 'H', 'W'))
    if clip.shape[1] < 2:
        raise ValueError(f'clip must have m >= 2 frames, got the shape {tuple(clip.shape)}.')
    if weight is None:
        return
    check_float('weight', weight)
    check_shape('weight', weight, ('F', 3, 'kh', 'kw'))
    if weight.shape[2] % 2 == 0 or weight.shape[3] % 2 == 0:
        raise ValueError(f'weight must have odd kh and kw, got the shape {tuple(weight.shape)}.')


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
