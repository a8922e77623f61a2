"""Heat maps laid over the frames that they are of."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from matplotlib import colormaps
from matplotlib.figure import Figure
from numpy.typing import NDArray

from mmmotion.visualization.figures import save_figure

__all__ = ['draw_heat_maps', 'overlay']

INCHES = 1.4  # width of a frame
COLUMNS = 8
OPACITY = 0.65  # of the greatest heat; what is cold stays as it is
HOTTEST = 0.9  # of the colour map, which ends in a dark red


def overlay(frames: NDArray[np.uint8], heat: NDArray[np.floating]) -> NDArray[np.uint8]:
    """Colour frames by heat, the more strongly the hotter.

    Args:
        frames: (n, H, W, 3) RGB.
        heat: (n, H, W), in [0, 1].

    Returns:
        (n, H, W, 3) RGB.
    """
    colours = 255 * colormaps['turbo'](HOTTEST * heat)[..., :3]
    opacity = OPACITY * heat[..., None]
    return np.round((1 - opacity) * frames + opacity * colours).astype(np.uint8)


def draw_heat_maps(
    frames: NDArray[np.uint8],
    heat: NDArray[np.floating],
    *,
    num: int = 16,
    path: str | Path,
    title: str,
    labels: Sequence[str] | None = None,
) -> None:
    """Write a PNG with frames over the same frames coloured by heat.

    Args:
        frames: (n, H, W, 3) RGB.
        heat: (n, H, W), in [0, 1].
        num: how many are shown at most, spread evenly.
        path: the PNG to write.
        title: stands above.
        labels: what to write above each frame; else its place.

    Raises:
        ValueError: frames and heat are not of the same size, or ``num`` is less than 1.
    """
    _check(frames, heat, num)
    chosen = np.linspace(0, len(frames) - 1, min(num, len(frames))).round().astype(int)
    coloured = overlay(frames[chosen], heat[chosen])
    axes = _grid(len(chosen), aspect=frames.shape[1] / frames.shape[2], title=title)
    for place, index in enumerate(chosen):
        row, column = divmod(place, COLUMNS)
        label = labels[index] if labels else f'frame {index + 1}'
        axes[2 * row, column].set_title(label, fontsize=7, pad=2)
        axes[2 * row, column].imshow(frames[index])
        axes[2 * row + 1, column].imshow(coloured[place])
    save_figure(axes[0, 0].figure, path)


def _check(frames: NDArray, heat: NDArray, num: int) -> None:
    if frames.shape[:3] != heat.shape:
        raise ValueError(f'heat: expected {frames.shape[:3]}, as of the frames, got {heat.shape}')
    if num < 1:
        raise ValueError(f'num: expected at least 1 frame, got {num}')


def _grid(count: int, *, aspect: float, title: str) -> NDArray:
    """Return empty axes: two rows, frames and heat, for every ``COLUMNS`` frames."""
    rows, columns = -(-count // COLUMNS), min(COLUMNS, count)
    size = (max(4.5, columns * INCHES), rows * (2 * INCHES * aspect + 0.25) + 0.35)
    figure = Figure(figsize=size, layout='constrained')
    figure.get_layout_engine().set(w_pad=0.02, h_pad=0.02, wspace=0.02, hspace=0)
    figure.suptitle(title, fontsize=10)
    axes = figure.subplots(2 * rows, columns, squeeze=False)
    for axis in axes.flat:
        axis.set_axis_off()
    return axes
