"""What all pictures share."""

from pathlib import Path

from matplotlib.figure import Figure

from mmmotion.files import whole_file

__all__ = ['save_figure']


def save_figure(figure: Figure, path: str | Path) -> None:
    """Write a PNG as a whole or not at all: beside its place, then into it."""
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    with whole_file(path) as partial:
        figure.savefig(partial, format='png', dpi=120)
