"""Displacement beside optical flow, and what each leaves of the change, as in DCD's Fig. 5."""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from mmmotion.visualization.figures import picture_grid, save_figure
from mmmotion.visualization.flow_wheel import flow_to_rgb, flow_wheel

__all__ = ['draw_displacements', 'paint_difference']

INCHES = 1.5  # width of a picture
LABEL_INCHES = 0.15


def paint_difference(difference: NDArray[np.floating]) -> NDArray[np.uint8]:
    """Paint a difference of frames: grey where nothing changes, bright where it gets brighter.

    Args:
        difference: (3, H, W), later minus earlier, of frames of 0..255.

    Returns:
        (H, W, 3).
    """
    change = np.asarray(difference, np.float64).mean(axis=0)
    brightness = np.rint(127.5 + 1.5 * change)
    grey = brightness.clip(0, 255).astype(np.uint8)
    return np.stack([grey, grey, grey], axis=-1)


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
    aspect = frames.shape[1] / frames.shape[2]
    axes = picture_grid(
        pairs, len(names), aspect=aspect, title=title, inches=INCHES, text_inches=LABEL_INCHES
    )
    for t, row in enumerate(axes):
        pictures = [frames[t], frames[t + 1]]
        pictures += [flow_to_rgb(maps[t], reach) for maps in flows.values()]
        pictures += [paint_difference(maps[t]) for maps in differences.values()]
        for axis, picture in zip(row, pictures, strict=True):
            axis.imshow(picture)
    for axis, name in zip(axes[0], names, strict=True):
        axis.set_title(name, fontsize=7)
    key = axes[0, 2].inset_axes((0.72, 0, 0.28, 0.28))  # in a corner of the first flow
    key.imshow(flow_wheel())
    key.set_axis_off()
    save_figure(axes[0, 0].figure, path)
