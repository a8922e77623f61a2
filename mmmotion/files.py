"""Files that are there as a whole or not at all."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

__all__ = ['whole_file']


@contextmanager
def whole_file(path: str | os.PathLike, *, suffix: str = '') -> Iterator[Path]:
    """Give a place beside ``path``, hidden, to write to; what is there in the end takes its name.

    An error, or an interrupt, leaves what was there before.

    Args:
        path: the file; its folder exists.
        suffix: how the name to write to must end, for a writer that goes by it.
    """
    path = Path(path)
    partial = path.with_name(f'.{path.name}.partial{suffix}')
    try:
        yield partial
        os.replace(partial, path)
    finally:
        partial.unlink(missing_ok=True)
