"""Tables of text."""

from mmmotion.tables import format_table


def test_columns_are_aligned():
    rows = [('a long name', 0.5), ('b', 'none')]
    assert format_table(('file', 'top-1'), rows) == (
        'file         top-1\na long name  50.00%\nb            none'
    )


def test_numbers():
    assert format_table(('seconds',), [(0.123456,), (7,)], number='.3g') == 'seconds\n0.123\n7'
