"""Frames over the OFF of one of their features, as in OFF's Fig. 1."""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from mmmotion.visualization.figures import picture_grid, save_figure

__all__ = ['draw_off']

INCHES = 1.3  # width of a picture
LABEL_INCHES = 0.2
DARKEST = 99.5  # the percentile of the sizes that has the darkest colour


def draw_off(
    frames: NDArray[np.uint8],
    gradients: dict[str, NDArray[np.floating]],
    *,
    path: str | Path,
    title: str,
) -> None:
    """Write a PNG with a column for every pair of frames: the earlier one over its gradients.

    Args:
        frames: (T, H, W, 3) RGB, of every pair the earlier frame.
        gradients: by name, such as Fx, Fy and Ft, (T, H', W'): red above 0, blue below, white 0. A
            row has one scale.
        path: the PNG to write; an old one is replaced once the new one is complete.
        title: stands above.

    Raises:
        ValueError: a gradient is not of as many pairs as there are frames.
    """
    for name, maps in gradients.items():
        if len(maps) != len(frames):
            raise ValueError(f'{name}: expected {len(frames)} maps, one a frame, got {len(maps)}')
    height, width = frames.shape[1:3]
    axes = picture_grid(
        1 + len(gradients),
        len(frames),
        aspect=height / width,
        title=title,
        inches=INCHES,
        text_inches=len(gradients) * LABEL_INCHES,
    )
    for axis, frame in zip(axes[0], frames, strict=True):
        axis.imshow(frame)
    for row, (name, maps) in zip(axes[1:], gradients.items(), strict=True):
        sizes = np.abs(maps)
        darkest = np.percentile(sizes, DARKEST)
        limit = max(float(darkest), np.finfo(np.float32).tiny)
        row[0].set_title(name, fontsize=8, loc='left')
        for axis, values in zip(row, maps, strict=True):
            axis.imshow(values, cmap='RdBu_r', vmin=-limit, vmax=limit)
    save_figure(axes[0, 0].figure, path)
