"""Classes in which one model beats another, as in Fig. 5 of Residual Frames with 3D ConvNets."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray

from mmmotion.visualization.figures import save_figure

__all__ = ['draw_class_differences']

BAR_INCHES = 0.26
BETTER, WORSE = 'tab:blue', 'tab:red'


def draw_class_differences(
    differences: NDArray[np.floating], names: Sequence[str], *, path: str | Path, title: str
) -> None:
    """Write a PNG with a bar for each class, the first on top.

    Args:
        differences: (bars,) of accuracies, in [-1, 1]; shown in points, one colour above 0 and one
            below.
        names: the class of each bar.
        path: the PNG to write.
        title: stands above.

    Raises:
        ValueError: there are not as many names as differences, or none.
    """
    count = len(differences)
    if count == 0 or len(names) != count:
        raise ValueError(f'names: expected one for each of {count} bars, got {names}')
    points = 100 * np.asarray(differences)
    places = range(count)
    height = 1.1 + BAR_INCHES * count
    figure = Figure(figsize=(7, height), layout='constrained')
    axis = figure.subplots()
    colors = np.where(points >= 0, BETTER, WORSE)
    bars = axis.barh(places, points, color=colors)
    axis.bar_label(bars, fmt='{:+.1f}', fontsize=8, padding=3)
    axis.set_yticks(places, names, fontsize=8)
    axis.invert_yaxis()
    axis.axvline(0, color='black', linewidth=0.8)
    axis.margins(x=0.15, y=0.01)  # room for the numbers at the ends of the bars
    axis.set_xlabel('difference of accuracies, in points', fontsize=8)
    axis.tick_params(axis='x', labelsize=8)
    axis.spines[['top', 'right', 'left']].set_visible(False)
    axis.set_title(title, fontsize=10)
    save_figure(figure, path)
