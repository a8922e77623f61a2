"""What VAP makes of a video's timescales, as in PAN's Fig. 6."""

from collections.abc import Sequence
from itertools import cycle
from pathlib import Path

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

from mmmotion.visualization.figures import save_figure

__all__ = ['draw_timescale_weights', 'name_vectors']

INCHES = 1.1  # width of a frame
# One for each timescale.
COLORS = ('tab:red', 'tab:orange', 'gold', 'tab:green', 'tab:blue')


def name_vectors(num_segments: int, timescales: Sequence[int]) -> list[tuple[int, str]]:
    """Name the pooled vectors: the timescale of each, and the segments that are max-pooled into it.

    Example:
        >>> name_vectors(4, (1, 2))
        [(1, '1 2 3 4'), (2, '1 3'), (2, '2 4')]
    """
    numbers = [str(i + 1) for i in range(num_segments)]
    names = []
    for k in timescales:
        for start in range(k):
            segments = ' '.join(numbers[start::k])
            names.append((k, segments))
    return names


def draw_timescale_weights(
    frames: NDArray[np.uint8],
    weights: NDArray[np.floating],
    timescales: Sequence[int],
    *,
    path: str | Path,
    title: str,
) -> None:
    """Write a PNG with one frame of each segment over a bar for each weight.

    Args:
        frames: (N, H, W, 3) RGB, one of every segment.
        weights: (K,), adding up to 1; dashed is what all alike would have.
        timescales: the timescale k has k of the weights.
        path: the PNG to write.
        title: stands above.

    Raises:
        ValueError: there are not as many weights as the timescales have vectors.
    """
    names = name_vectors(len(frames), timescales)
    count = len(weights)
    if count != len(names):
        raise ValueError(f'weights: expected {len(names)} for {timescales}, got {count}')
    num_segments, height, width = frames.shape[:3]
    inches = INCHES * height / width  # height of a frame
    figure = Figure(figsize=(num_segments * INCHES, inches + 3), layout='constrained')
    figure.suptitle(title, fontsize=10)
    above, below = figure.subfigures(2, 1, height_ratios=(inches + 0.3, 2.4))
    axes = above.subplots(1, num_segments, squeeze=False)
    for i, axis in enumerate(axes[0]):
        axis.imshow(frames[i])
        axis.set_title(str(i + 1), fontsize=8)
        axis.set_axis_off()
    _draw_bars(below.subplots(), weights, names, timescales)
    save_figure(figure, path)


def _draw_bars(
    axis: Axes,
    weights: NDArray[np.floating],
    names: Sequence[tuple[int, str]],
    timescales: Sequence[int],
) -> None:
    """Draw a bar for each weight, in the colour of its timescale."""
    color_of = dict(zip(timescales, cycle(COLORS), strict=False))
    colors, labels = [], []
    for k, segments in names:
        colors.append(color_of[k])
        labels.append(f'k = {k}\n{{{segments}}}')
    places = range(len(weights))
    axis.bar(places, weights, color=colors)
    axis.axhline(1 / len(weights), color='black', linestyle='--', linewidth=0.8)
    axis.set_xticks(places, labels, fontsize=7)
    axis.set_ylabel('weight w', fontsize=8)
    axis.tick_params(axis='y', labelsize=7)
