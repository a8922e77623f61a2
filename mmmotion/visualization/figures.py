"""What all pictures share."""

from pathlib import Path

from matplotlib.figure import Figure

from mmmotion.files import whole_file

__all__ = ['save_figure']

FORMATS = ('.png', '.jpg', '.jpeg', '.pdf', '.svg')


def save_figure(figure: Figure, path: str | Path) -> None:
    """Write a picture as a whole or not at all: beside its place, then into it.

    Raises:
        ValueError: ``path`` does not end in one of ``FORMATS``.
    """
    path = Path(path)
    kind = path.suffix.lower()
    if kind not in FORMATS:
        raise ValueError(f'picture: expected a file that ends in {", ".join(FORMATS)}, got {path}')
    path.parent.mkdir(parents=True, exist_ok=True)
    with whole_file(path) as partial:
        figure.savefig(partial, format=kind[1:], dpi=120)
