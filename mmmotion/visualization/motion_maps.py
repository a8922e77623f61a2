"""Frames over their motion maps, as in PAN's Fig. 7 and its supplement."""

import math
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from mmmotion.visualization.figures import picture_grid, save_figure

__all__ = ['draw_frames', 'draw_frames_over_maps']

LABEL_INCHES = 0.3  # height of two lines of text
# The percentile of the values that is the brightest, so that one edge does not darken all others.
BRIGHTEST = 99.5
COLUMNS = 8
MOST = 24  # maps that are shown


def draw_frames_over_maps(
    frames: NDArray[np.uint8],
    maps: NDArray,
    *,
    path: str | Path,
    title: str,
    labels: Sequence[str] | None = None,
    group: int = 1,
    most: int = MOST,
) -> None:
    """Write a picture of every frame over its map, of some if there are many.

    Args:
        frames: (n, H, W, 3) RGB: of each map the frame in which its motion begins.
        maps: (n, h, w), bright where it moves, on one scale for all; or (n, h, w, 3), RGB.
        path: the picture to write; an old one is replaced once the new one is complete.
        title: stands above.
        labels: what to write above each frame.
        group: maps that belong together, such as those of a stack, begin no line in their middle.
        most: how many are shown at most, spread evenly.

    Raises:
        ValueError: there are not as many frames as maps.
    """
    if len(frames) != len(maps):
        raise ValueError(f'maps: expected {len(frames)}, as many as frames, got {len(maps)}')
    _draw([frames, maps], path=path, title=title, labels=labels, group=group, most=most)


def draw_frames(
    frames: NDArray[np.uint8],
    *,
    path: str | Path,
    title: str,
    labels: Sequence[str] | None = None,
) -> None:
    """Write a picture of frames (n, H, W, 3) alone; all else as :func:`draw_frames_over_maps`."""
    _draw([frames], path=path, title=title, labels=labels)


def _draw(
    rows: Sequence[NDArray],
    *,
    path: str | Path,
    title: str,
    labels: Sequence[str] | None,
    group: int = 1,
    most: int = MOST,
) -> None:
    """Draw pictures one below the other, in as many lines as it takes."""
    frames = rows[0]
    count = min(len(frames), most)
    spread = np.linspace(0, len(frames) - 1, count)
    shown = spread.round().astype(int)
    columns = _count_columns(count, group)
    lines = math.ceil(count / columns)
    height, width = frames.shape[1:3]
    axes = picture_grid(
        lines * len(rows),
        columns,
        aspect=height / width,
        title=title,
        text_inches=lines * LABEL_INCHES,
    )
    # The scale of maps (n, h, w); matplotlib shows what is RGB as it is.
    brightest = np.percentile(rows[-1], BRIGHTEST)
    limit = max(float(brightest), np.finfo(np.float32).tiny)
    for place, index in enumerate(shown):
        line, column = divmod(place, columns)
        top = line * len(rows)
        for row, pictures in enumerate(rows):
            axis = axes[top + row, column]
            axis.imshow(pictures[index], cmap='magma', vmin=0, vmax=limit)
        if labels:
            axes[top, column].set_title(labels[index], fontsize=7)
    save_figure(axes[0, 0].figure, path)


def _count_columns(count: int, group: int) -> int:
    """Return how many pictures a line has: about as many in each, and no group is divided."""
    lines = math.ceil(count / COLUMNS)
    columns = math.ceil(count / lines)
    if group >= columns:
        return columns
    return columns - columns % group
