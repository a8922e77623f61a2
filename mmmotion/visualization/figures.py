"""What all pictures share."""

from pathlib import Path

from matplotlib.figure import Figure
from numpy.typing import NDArray

from mmmotion.files import whole_file

__all__ = ['picture_grid', 'save_figure']

FORMATS = ('.png', '.jpg', '.jpeg', '.pdf', '.svg')


LEAST_WIDTH = 4.5  # inches, so that there is room for a title
TITLE_INCHES = 0.35


def picture_grid(
    rows: int,
    columns: int,
    *,
    aspect: float,
    title: str,
    inches: float = 1.4,
    text_inches: float = 0,
) -> NDArray:
    """Return the axes of a figure for rows of pictures, none of which is drawn yet.

    Args:
        rows: of pictures.
        columns: of pictures.
        aspect: height of a picture by its width.
        title: stands above.
        inches: width of a picture.
        text_inches: the height that the labels of all rows need.

    Returns:
        (rows, columns) axes without ticks.
    """
    width = max(columns * inches, LEAST_WIDTH)
    height = rows * inches * aspect + text_inches + TITLE_INCHES
    figure = Figure(figsize=(width, height), layout='constrained')
    figure.get_layout_engine().set(w_pad=0.02, h_pad=0.02, wspace=0.02, hspace=0)
    figure.suptitle(title, fontsize=10)
    axes = figure.subplots(rows, columns, squeeze=False)
    for axis in axes.flat:
        axis.set_axis_off()
    return axes


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
