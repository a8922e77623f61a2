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
    change = np.mean(difference, axis=0, dtype=np.float64)  # (H, W)
    grey = np.rint(127.5 + 1.5 * change)
    grey = grey.clip(0, 255)
    grey = grey.astype(np.uint8)
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
    named_maps = {**flows, **differences}
    for name, maps in named_maps.items():
        if len(maps) != pairs:
            raise ValueError(f'{name}: expected maps of {pairs} pairs, got {maps.shape}')
    names = ['earlier', 'later', *flows, *differences]
    height, width = frames.shape[1:3]
    axes = picture_grid(
        pairs,
        len(names),
        aspect=height / width,
        title=title,
        inches=INCHES,
        text_inches=LABEL_INCHES,
    )
    for t, row in enumerate(axes):
        pictures = [frames[t], frames[t + 1]]
        for maps in flows.values():
            pictures.append(flow_to_rgb(maps[t], reach))
        for maps in differences.values():
            pictures.append(paint_difference(maps[t]))
        for axis, picture in zip(row, pictures, strict=True):
            axis.imshow(picture)
    first_row = axes[0]
    for axis, name in zip(first_row, names, strict=True):
        axis.set_title(name, fontsize=7)
    first_flow = first_row[2]
    key = first_flow.inset_axes((0.72, 0, 0.28, 0.28))  # in its lower right corner
    key.imshow(flow_wheel())
    key.set_axis_off()
    save_figure(first_flow.figure, path)
