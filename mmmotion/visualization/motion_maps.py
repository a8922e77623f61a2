"""Frames over their motion maps, as in PAN's Fig. 7 and its supplement."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray

from mmmotion.visualization.figures import save_figure

__all__ = ['draw_frames', 'draw_frames_over_maps']

INCHES = 1.4  # width of a picture
LABEL_INCHES = 0.3  # of two lines
TITLE_INCHES = 0.35
BRIGHTEST = 99.5  # per cent of the pixels that are not white: one edge does not darken the rest
COLUMNS = 8
MOST = 24  # pictures, spread evenly


def draw_frames_over_maps(
    frames: NDArray[np.uint8],
    maps: NDArray,
    *,
    path: str | Path,
    title: str,
    labels: Sequence[str] | None = None,
    group: int = 1,
) -> None:
    """Write a picture of every frame over its map, of some if there are many.

    Args:
        frames: (n, H, W, 3) RGB: of each map the frame in which its motion begins.
        maps: (n, h, w), bright where it moves, on one scale for all; or (n, h, w, 3), RGB.
        path: the picture to write; an old one is replaced once the new one is complete.
        title: stands above.
        labels: what to write above each frame.
        group: maps that belong together, such as those of a stack, begin no line in their middle.

    Raises:
        ValueError: there are not as many frames as maps.
    """
    if len(frames) != len(maps):
        raise ValueError(f'maps: expected {len(frames)}, as many as frames, got {len(maps)}')
    shown = _choose(len(frames))
    axes = _grid(len(shown), 2, frames.shape, title=title, group=group)
    limit = max(float(np.percentile(maps, BRIGHTEST)), np.finfo(np.float32).tiny)
    for place, index in enumerate(shown):
        row, column = divmod(place, axes.shape[1])
        above, below = axes[2 * row, column], axes[2 * row + 1, column]
        above.imshow(frames[index])
        below.imshow(maps[index], cmap='magma', vmin=0, vmax=limit)
        if labels:
            above.set_title(labels[index], fontsize=7)
    save_figure(axes[0, 0].figure, path)


def draw_frames(
    frames: NDArray[np.uint8],
    *,
    path: str | Path,
    title: str,
    labels: Sequence[str] | None = None,
) -> None:
    """Write a picture of frames (n, H, W, 3) alone; all else as :func:`draw_frames_over_maps`."""
    shown = _choose(len(frames))
    axes = _grid(len(shown), 1, frames.shape, title=title)
    for place, index in enumerate(shown):
        axis = axes[divmod(place, axes.shape[1])]
        axis.imshow(frames[index])
        if labels:
            axis.set_title(labels[index], fontsize=7)
    save_figure(axes[0, 0].figure, path)


def _choose(count: int) -> NDArray[np.integer]:
    return np.linspace(0, count - 1, min(count, MOST)).round().astype(int)


def _grid(
    count: int, rows_each: int, shape: tuple[int, ...], *, title: str, group: int = 1
) -> NDArray:
    """Return empty axes: for every line of pictures ``rows_each`` rows."""
    lines = -(-count // COLUMNS)
    columns = -(-count // lines)
    if group < columns:
        columns -= columns % group
        lines = -(-count // columns)
    height = INCHES * shape[1] / shape[2]
    size = (
        max(columns * INCHES, 4.5),
        lines * (rows_each * height + LABEL_INCHES) + TITLE_INCHES,
    )
    figure = Figure(figsize=size, layout='constrained')
    figure.get_layout_engine().set(w_pad=0.02, h_pad=0.02, wspace=0.02, hspace=0)
    figure.suptitle(title, fontsize=10)
    axes = figure.subplots(rows_each * lines, columns, squeeze=False)
    for axis in axes.flat:
        axis.set_axis_off()
    return axes
