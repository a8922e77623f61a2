"""Frames over their motion maps, as in PAN's Fig. 7 and its supplement."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from mmmotion.visualization.figures import picture_grid, save_figure

__all__ = ['draw_frames', 'draw_frames_over_maps']

LABEL_INCHES = 0.3  # of two lines
BRIGHTEST = 99.5  # per cent of the pixels that are not white: one edge does not darken the others
COLUMNS = 8
MOST = 24  # pictures


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
    lines = -(-count // columns)
    axes = picture_grid(
        lines * len(rows),
        columns,
        aspect=frames.shape[1] / frames.shape[2],
        title=title,
        text_inches=lines * LABEL_INCHES,
    )
    # Colours of maps without any; what is RGB already is shown as it is.
    brightest = float(np.percentile(rows[-1], BRIGHTEST))
    limit = max(brightest, np.finfo(np.float32).tiny)
    for place, index in enumerate(shown):
        line, column = divmod(place, columns)
        top = line * len(rows)
        for row, pictures in enumerate(rows):
            axes[top + row, column].imshow(pictures[index], cmap='magma', vmin=0, vmax=limit)
        if labels:
            axes[top, column].set_title(labels[index], fontsize=7)
    save_figure(axes[0, 0].figure, path)


def _count_columns(count: int, group: int) -> int:
    """Return the pictures of a line: lines are about equally long, and divide no group."""
    lines = -(-count // COLUMNS)
    columns = -(-count // lines)
    return columns if group >= columns else columns - columns % group
