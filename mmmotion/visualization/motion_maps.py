"""Frames over their motion maps, as in PAN's Fig. 7 and its supplement."""

from pathlib import Path

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray

from .figures import save_figure

__all__ = ['draw_frames_over_maps']

INCHES = 1.4  # width of a picture
TITLE_INCHES = 0.15
BRIGHTEST = 99.5  # per cent of the pixels that are not white: one edge does not darken the rest
STACKS_PER_ROW = 2


def draw_frames_over_maps(
    frames: NDArray[np.uint8], maps: NDArray[np.floating], *, path: str | Path, title: str
) -> None:
    """Write a PNG with every frame over its map, stacks beside and below each other.

    Args:
        frames: (S, T, H, W, 3) RGB: of every stack the earlier frame of each pair.
        maps: (S, T, H, W), bright where the pair of frames differs; one scale for all.
        path: the PNG to write; an old one is replaced once the new one is complete.
        title: stands above.

    Raises:
        ValueError: frames and maps are not of the same stacks.
    """
    if frames.shape[:4] != maps.shape:
        raise ValueError(f'maps: expected {frames.shape[:4]}, as many as frames, got {maps.shape}')
    axes = _grid(*maps.shape[:2], aspect=frames.shape[2] / frames.shape[3], title=title)
    limit = max(float(np.percentile(maps, BRIGHTEST)), np.finfo(np.float32).tiny)
    for stack, pair in np.ndindex(maps.shape[:2]):
        row, block = divmod(stack, STACKS_PER_ROW)
        column = block * maps.shape[1] + pair
        above, below = axes[2 * row, column], axes[2 * row + 1, column]
        above.set_title(f'stack {stack + 1}, frame {pair + 1}', fontsize=7)
        above.imshow(frames[stack, pair])
        below.imshow(maps[stack, pair], cmap='magma', vmin=0, vmax=limit)
    save_figure(axes[0, 0].figure, path)


def _grid(stacks: int, pairs: int, *, aspect: float, title: str) -> NDArray:
    """Return empty axes: two rows, frames and maps, for every ``STACKS_PER_ROW`` stacks."""
    rows, columns = 2 * -(-stacks // STACKS_PER_ROW), min(STACKS_PER_ROW, stacks) * pairs
    size = (columns * INCHES, rows * (INCHES * aspect + TITLE_INCHES) + 2 * TITLE_INCHES)
    figure = Figure(figsize=size, layout='constrained')
    figure.suptitle(title, fontsize=11)
    axes = figure.subplots(rows, columns, squeeze=False)
    for axis in axes.flat:
        axis.set_axis_off()
    return axes
