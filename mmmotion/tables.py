"""Tables of text, for what scripts print."""

from collections.abc import Iterable, Sequence

__all__ = ['format_table']


def format_table(
    header: Sequence[object], rows: Iterable[Sequence[object]], *, number: str = '.2%'
) -> str:
    """Return a table of text, its columns aligned.

    Args:
        header: the names of the columns.
        rows: of as many cells.
        number: how a float is written; as it stands, it is an accuracy in percent.
    """
    lines = []
    for row in (header, *rows):
        cells = [format(cell, number) if isinstance(cell, float) else str(cell) for cell in row]
        lines.append(cells)
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    aligned = [
        [cell.ljust(width) for cell, width in zip(cells, widths, strict=True)] for cells in lines
    ]
    return '\n'.join('  '.join(cells).rstrip() for cells in aligned)
