"""Displacement beside optical flow, and what each leaves of the change, as in DCD's Fig. 5."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

from mmmotion.visualization.figures import save_figure
from mmmotion.visualization.flow_wheel import flow_to_rgb, flow_wheel

__all__ = ['draw_displacements', 'paint_difference']

INCHES = 1.5  # width of a picture
TITLE_INCHES = 0.5


def paint_difference(difference: NDArray[np.floating]) -> NDArray[np.uint8]:
    """Paint a difference of frames: grey where nothing changes, bright where it gets brighter.

    Args:
        difference: (3, H, W), later minus earlier, of frames of 0..255.

    Returns:
        (H, W, 3).
    """
    grey = 127.5 + 1.5 * np.asarray(difference, np.float64).mean(axis=0)
    return np.repeat(np.rint(grey).clip(0, 255).astype(np.uint8)[..., None], 3, axis=2)


def draw_displacements(
    frames: NDArray[np.uint8],
    flows: dict[str, NDArray[np.floating]],
    differences: dict[str, NDArray[np.floating]],
    *,
    reach: float | None,
    path: str | Path,
    title: str,
) -> None:
    """Write a PNG with a row for every pair of adjacent frames, and the key to the colours.

    Args:
        frames: (T, H, W, 3) RGB.
        flows: by name, (T - 1, 2, h, w), x and y, in pixels of the frames.
        differences: by name, (T - 1, 3, H, W), later minus earlier, of frames of 0..255.
        reach: the length in pixels that has full colour; None: of every picture its own.
        path: the PNG to write; an old one is replaced once the new one is complete.
        title: stands above.

    Raises:
        ValueError: a flow or a difference is not of as many pairs.
    """
    pairs = len(frames) - 1
    for name, maps in {**flows, **differences}.items():
        if len(maps) != pairs:
            raise ValueError(f'{name}: expected maps of {pairs} pairs, got {maps.shape}')
    names = ['earlier', 'later', *flows, *differences]
    axes = _grid(pairs, len(names), aspect=frames.shape[1] / frames.shape[2], title=title)
    for t, row in enumerate(axes):
        colours = [flow_to_rgb(maps[t], reach) for maps in flows.values()]
        changes = [paint_difference(maps[t]) for maps in differences.values()]
        _fill(row, names if t == 0 else [], [frames[t], frames[t + 1], *colours, *changes])
    key = axes[0, 2].inset_axes((0.72, 0, 0.28, 0.28))
    _fill([key], [], [flow_wheel()])
    save_figure(axes[0, 0].figure, path)


def _fill(axes: Sequence[Axes], names: Sequence[str], pictures: Sequence[NDArray]) -> None:
    for axis, picture in zip(axes, pictures, strict=True):
        axis.imshow(picture)
        axis.set_axis_off()
    for axis, name in zip(axes, names, strict=False):
        axis.set_title(name, fontsize=7)


def _grid(rows: int, columns: int, *, aspect: float, title: str) -> NDArray:
    size = (columns * INCHES, rows * INCHES * aspect + TITLE_INCHES)
    figure = Figure(figsize=size, layout='constrained')
    figure.suptitle(title, fontsize=10)
    return figure.subplots(rows, columns, squeeze=False)
