"""Frames over their motion maps, as in PAN's Fig. 7 and its supplement."""

import os
from pathlib import Path

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray

__all__ = ['draw_frames_over_maps']

INCHES = 1.4  # side of a picture
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
    stacks, pairs = maps.shape[:2]
    columns = min(STACKS_PER_ROW, stacks) * pairs
    rows = 2 * -(-stacks // STACKS_PER_ROW)
    figure = Figure(figsize=(columns * INCHES, rows * INCHES + 0.6), layout='constrained')
    figure.suptitle(title, fontsize=11)
    axes = figure.subplots(rows, columns, squeeze=False)
    for axis in axes.flat:
        axis.set_axis_off()
    limit = max(float(maps.max()), np.finfo(np.float32).tiny)
    for stack in range(stacks):
        row, block = divmod(stack, STACKS_PER_ROW)
        for pair in range(pairs):
            column = block * pairs + pair
            above, below = axes[2 * row, column], axes[2 * row + 1, column]
            above.set_title(f'stack {stack + 1}, frame {pair + 1}', fontsize=7)
            above.imshow(frames[stack, pair])
            below.imshow(maps[stack, pair], cmap='magma', vmin=0, vmax=limit)
    _save(figure, Path(path))


def _save(figure: Figure, path: Path) -> None:
    """Never leave half a picture: write beside it, then rename."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f'.{path.name}.part')
    figure.savefig(part, format='png', dpi=120)
    os.replace(part, path)
