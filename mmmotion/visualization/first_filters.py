"""A network's first filters over time, as in Fig. 4 of Residual Frames with 3D ConvNets."""

import math
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from mmmotion.visualization.figures import picture_grid, save_figure

__all__ = ['draw_filters', 'filter_pictures', 'temporal_change']

PICTURES_PER_ROW = 14  # at most, unless one filter has more
FILTERS_PER_ROW = 8  # at most
INCHES = 0.6  # width of a picture
LABEL_INCHES = 0.2


def temporal_change(weight: Tensor) -> float:
    r"""Return how much 3D filters change over time.

    .. math:: \mathrm{mean}_o \; \| w_o - \mathrm{mean}_t w_o \| \, / \, \| w_o \|

    that is the standard deviation over time of every tap, put together, relative to the filter.

    Args:
        weight: (out, in, kt, kh, kw).

    Returns:
        A number in [0, 1]: 0 if each filter is the same at every time, as one that was inflated
        from 2D is, and 1 if no filter answers to what does not move.

    Raises:
        ValueError: the filters have no time.
    """
    if weight.dim() != 5:
        raise ValueError(f'weight: expected (out, in, kt, kh, kw), got {tuple(weight.shape)}')
    weight = weight.detach()
    weight = weight.double()
    constant = weight.mean(dim=2, keepdim=True)  # (out, in, 1, kh, kw)
    changing = weight - constant
    changing_norm = changing.flatten(1).norm(dim=1)  # (out,)
    norm = weight.flatten(1).norm(dim=1)
    norm = norm.clamp(min=torch.finfo(norm.dtype).tiny)
    share = changing_norm / norm
    return share.mean().item()


def filter_pictures(weight: Tensor, *, rgb: bool) -> NDArray[np.floating]:
    """Turn the kernels of a first convolution into pictures.

    Args:
        weight: (out, in, kh, kw), or (out, in, kt, kh, kw).
        rgb: whether three input channels are shown as the colours of one picture. If not, the
            channels of a 2D kernel are pictures of their own, and a 3D kernel shows their mean.

    Returns:
        (out, pictures, kh, kw, 3), in [0, 1]: grey is 0, black and white are the filter's greatest
        weight. Pictures are in order of time or of the channels.

    Raises:
        ValueError: it is no such kernel, or ``rgb`` is asked of other than three channels.
    """
    shape = tuple(weight.shape)
    if len(shape) not in (4, 5) or (rgb and shape[1] != 3):
        channels = '3' if rgb else 'in'
        expected = f'(out, {channels}, kh, kw) or (out, {channels}, kt, kh, kw)'
        raise ValueError(f'weight: expected {expected}, got {shape}')
    weight = weight.detach()
    weight = weight.float().cpu()
    if len(shape) == 4 and rgb:
        weight = weight.unsqueeze(2)  # one picture, (out, 3, 1, kh, kw)
    elif len(shape) == 4:
        weight = weight.unsqueeze(1)  # a grey picture of each channel, (out, 1, in, kh, kw)
    if not rgb:
        grey = weight.mean(dim=1, keepdim=True)
        weight = grey.expand(-1, 3, -1, -1, -1)
    pictures = weight.permute(0, 2, 3, 4, 1)  # (out, pictures, kh, kw, 3)
    sizes = pictures.abs()
    limits = sizes.amax(dim=(1, 2, 3, 4), keepdim=True)
    limits = limits.clamp(min=torch.finfo(weight.dtype).tiny)
    relative = pictures / limits  # -1..1
    brightness = 0.5 + 0.5 * relative
    return brightness.numpy()


def draw_filters(weight: Tensor, *, rgb: bool, num: int = 16, path: str | Path, title: str) -> None:
    """Write a PNG with a row of pictures for each of the first filters.

    Args:
        weight: as of :func:`filter_pictures`.
        rgb: as of :func:`filter_pictures`.
        num: how many filters, at least 1; the paper shows 16.
        path: the PNG to write.
        title: stands above.

    Raises:
        ValueError: ``num`` is less than 1, or the kernels are as :func:`filter_pictures` says.
    """
    if num < 1:
        raise ValueError(f'num: expected at least 1 filter, got {num}')
    filters = filter_pictures(weight[:num], rgb=rgb)
    strips = [_join(pictures) for pictures in filters]
    pictures_each = filters.shape[1]
    columns = max(1, PICTURES_PER_ROW // pictures_each)
    columns = min(columns, FILTERS_PER_ROW, len(strips))
    rows = math.ceil(len(strips) / columns)
    axes = picture_grid(
        rows,
        columns,
        aspect=1 / pictures_each,
        title=title,
        inches=pictures_each * INCHES,
        text_inches=rows * LABEL_INCHES,
    )
    figure = axes[0, 0].figure
    # Filters stand further apart than a filter's pictures do.
    figure.get_layout_engine().set(w_pad=0.1)
    for index, strip in enumerate(strips):
        axis = axes.flat[index]
        axis.imshow(strip, vmin=0, vmax=1, interpolation='nearest')
        number = str(index + 1)
        axis.set_title(number, fontsize=7, pad=2, loc='left')
    save_figure(figure, path)


def _join(pictures: NDArray[np.floating]) -> NDArray[np.floating]:
    """Put pictures (n, kh, kw, 3) in a row, a white line of one tap's width between them."""
    height = pictures.shape[1]
    line = np.ones((height, 1, 3))
    row = [pictures[0]]
    for picture in pictures[1:]:
        row += [line, picture]
    return np.concatenate(row, axis=1)
