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
    table = []
    for row in (header, *rows):
        cells = []
        for cell in row:
            cells.append(format(cell, number) if isinstance(cell, float) else str(cell))
        table.append(cells)
    columns = zip(*table, strict=True)
    widths = [max(map(len, column)) for column in columns]
    lines = []
    for cells in table:
        aligned = [cell.ljust(width) for cell, width in zip(cells, widths, strict=True)]
        line = '  '.join(aligned)
        lines.append(line.rstrip())
    return '\n'.join(lines)
