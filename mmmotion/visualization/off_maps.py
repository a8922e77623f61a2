"""Frames over the OFF of one of their features, as in OFF's Fig. 1."""

from pathlib import Path

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray

from mmmotion.visualization.figures import save_figure

__all__ = ['draw_off']

INCHES = 1.3  # width of a picture
FULL_COLOR = 99.5  # per cent of the pixels that are not of the darkest colour


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
    figure, axes = _grid(1 + len(gradients), len(frames), frames.shape[1] / frames.shape[2])
    figure.suptitle(title, fontsize=10)
    for column, frame in enumerate(frames):
        axes[0, column].imshow(frame)
    for row, (name, maps) in enumerate(gradients.items(), start=1):
        limit = max(float(np.percentile(abs(maps), FULL_COLOR)), np.finfo(np.float32).tiny)
        axes[row, 0].set_title(name, fontsize=8, loc='left')
        for column, values in enumerate(maps):
            axes[row, column].imshow(values, cmap='RdBu_r', vmin=-limit, vmax=limit)
    save_figure(figure, path)


def _grid(rows: int, columns: int, aspect: float) -> tuple[Figure, NDArray]:
    size = (columns * INCHES, rows * (INCHES * aspect + 0.2) + 0.3)
    figure = Figure(figsize=size, layout='constrained')
    axes = figure.subplots(rows, columns, squeeze=False)
    for axis in axes.flat:
        axis.set_axis_off()
    return figure, axes
