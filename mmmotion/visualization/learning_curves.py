"""A logged value of several trainings over their steps."""

from pathlib import Path

from matplotlib.figure import Figure

from mmmotion.visualization.figures import save_figure

__all__ = ['draw_curves']


def draw_curves(
    curves: dict[str, tuple[list[int], list[float]]], *, path: str | Path, label: str
) -> None:
    """Write a PNG with a line for each training.

    Args:
        curves: by name, the steps and the value at each.
        path: the PNG to write; an old one is replaced once the new one is complete.
        label: what the values are.
    """
    figure = Figure(figsize=(7, 4), layout='constrained')
    axis = figure.subplots()
    for name, (steps, values) in curves.items():
        axis.plot(steps, values, label=name, linewidth=1.2)
    axis.set_xlabel('iteration', fontsize=8)
    axis.set_ylabel(label, fontsize=8)
    axis.tick_params(labelsize=8)
    axis.spines[['top', 'right']].set_visible(False)
    axis.legend(fontsize=8, frameon=False)
    save_figure(figure, path)
