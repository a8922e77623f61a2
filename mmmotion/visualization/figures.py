"""What all pictures share."""

import os
from pathlib import Path

from matplotlib.figure import Figure

__all__ = ['save_figure']


def save_figure(figure: Figure, path: str | Path) -> None:
    """Write a PNG as a whole or not at all: beside its place, then into it."""
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f'.{path.name}.part')
    figure.savefig(part, format='png', dpi=120)
    os.replace(part, path)
