"""A network's first filters over time, as in Fig. 4 of Residual Frames with 3D ConvNets."""

from pathlib import Path

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray
from torch import Tensor

from mmmotion.visualization.figures import save_figure

__all__ = ['draw_filters', 'filter_pictures', 'temporal_change']

PICTURES_PER_ROW = 14  # of the figure, in which several filters stand side by side
MOST_PER_ROW = 8  # filters
INCHES = 0.55  # width of a picture


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
    weight = weight.detach().double()
    changing = (weight - weight.mean(dim=2, keepdim=True)).flatten(1).norm(dim=1)
    norms = weight.flatten(1).norm(dim=1)
    return (changing / norms.clamp(min=np.finfo(float).tiny)).mean().item()


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
    if weight.dim() not in (4, 5) or (rgb and weight.shape[1] != 3):
        channels = '3' if rgb else 'in'
        expected = f'(out, {channels}, kh, kw) or (out, {channels}, kt, kh, kw)'
        raise ValueError(f'weight: expected {expected}, got {tuple(weight.shape)}')
    pictures = _over_time(weight.detach().float().cpu(), rgb=rgb)
    limits = pictures.abs().flatten(1).amax(dim=1).clamp(min=np.finfo(np.float32).tiny)
    return (0.5 + 0.5 * pictures / limits[:, None, None, None, None]).numpy()


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
    strips = [_strip(pictures) for pictures in filters]
    columns = min(MOST_PER_ROW, len(strips), max(1, PICTURES_PER_ROW // filters.shape[1]))
    rows = -(-len(strips) // columns)
    figure = _figure(rows, columns * filters.shape[1])
    figure.suptitle(title, fontsize=10)
    for index, axis in enumerate(figure.subplots(rows, columns, squeeze=False).flat):
        axis.set_axis_off()
        if index < len(strips):
            axis.imshow(strips[index], vmin=0, vmax=1, interpolation='nearest')
            axis.set_title(str(index + 1), fontsize=7, pad=2, loc='left')
    save_figure(figure, path)


def _over_time(weight: Tensor, *, rgb: bool) -> Tensor:
    """Return (out, pictures, kh, kw, 3) with the weights as they are."""
    if weight.dim() == 4:
        weight = weight.unsqueeze(2) if rgb else weight.unsqueeze(1)
    colours = weight if rgb else weight.mean(dim=1, keepdim=True).expand(-1, 3, -1, -1, -1)
    return colours.permute(0, 2, 3, 4, 1)


def _figure(rows: int, pictures_per_row: int) -> Figure:
    size = (max(4.5, pictures_per_row * INCHES + 1), rows * (INCHES + 0.2) + 0.4)
    figure = Figure(figsize=size, layout='constrained')
    # Filters stand further apart than a filter's pictures do.
    figure.get_layout_engine().set(w_pad=0.1, h_pad=0.02, wspace=0.02, hspace=0)
    return figure


def _strip(pictures: NDArray[np.floating]) -> NDArray[np.floating]:
    """Put pictures (n, kh, kw, 3) in a row, a white line of one tap's width between them."""
    line = np.ones((pictures.shape[1], 1, 3))
    pieces = [piece for picture in pictures for piece in (line, picture)]
    return np.concatenate(pieces[1:], axis=1)
