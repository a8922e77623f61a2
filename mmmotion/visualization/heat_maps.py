"""Heat maps laid over the frames that they are of."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from matplotlib import colormaps
from numpy.typing import NDArray

from mmmotion.visualization.motion_maps import draw_frames_over_maps

__all__ = ['draw_heat_maps', 'overlay']

OPACITY = 0.65  # of a heat of 1; a heat of 0 leaves the frame as it is
HOTTEST = 0.9  # the place of a heat of 1 in the colour map, which ends in a dark red


def overlay(frames: NDArray[np.uint8], heat: NDArray[np.floating]) -> NDArray[np.uint8]:
    """Colour frames by heat, the more strongly the hotter.

    Args:
        frames: (n, H, W, 3) RGB.
        heat: (n, H, W), in [0, 1].

    Returns:
        (n, H, W, 3) RGB.
    """
    rgba = colormaps['turbo'](HOTTEST * heat)  # (n, H, W, 4), in [0, 1]
    colours = 255 * rgba[..., :3]
    opacity = OPACITY * heat[..., None]
    mixed = (1 - opacity) * frames + opacity * colours
    mixed = np.round(mixed)
    return mixed.astype(np.uint8)


def draw_heat_maps(
    frames: NDArray[np.uint8],
    heat: NDArray[np.floating],
    *,
    num: int = 16,
    path: str | Path,
    title: str,
    labels: Sequence[str] | None = None,
) -> None:
    """Write a PNG with frames over the same frames coloured by heat.

    Args:
        frames: (n, H, W, 3) RGB.
        heat: (n, H, W), in [0, 1].
        num: how many are shown at most, spread evenly.
        path: the PNG to write.
        title: stands above.
        labels: what to write above each frame; by default its place.

    Raises:
        ValueError: frames and heat are not of the same size, or ``num`` is less than 1.
    """
    if frames.shape[:3] != heat.shape:
        raise ValueError(f'heat: expected {frames.shape[:3]}, as of the frames, got {heat.shape}')
    if num < 1:
        raise ValueError(f'num: expected at least 1 frame, got {num}')
    if labels is None:
        labels = [f'frame {index + 1}' for index in range(len(frames))]
    coloured = overlay(frames, heat)
    draw_frames_over_maps(frames, coloured, path=path, title=title, labels=labels, most=num)
