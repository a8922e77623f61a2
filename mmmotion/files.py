"""Files that are there as a whole or not at all."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from mmmotion.checks import did_you_mean

__all__ = ['check_file', 'whole_file']


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


def check_file(path: str, *, name: str) -> Path:
    """Return ``path`` if it is a file that holds something; else say what there is instead.

    Args:
        path: the file.
        name: what the error calls it.

    Raises:
        FileNotFoundError: there is none; a similar name in its folder is suggested.
        ValueError: it is empty.
    """
    file = Path(path)
    if not file.is_file():
        raise FileNotFoundError(f'{name}: expected a file, got {path}{_suggest(file)}')
    if file.stat().st_size == 0:
        raise ValueError(f'{name}: expected a file with content, got {path} of 0 bytes')
    return file


def _suggest(file: Path) -> str:
    if not file.parent.is_dir():
        return f', and there is no folder {file.parent}'
    # Names are compared without their folder, which would make all of them alike; the answer has
    # it, so that it can be pasted.
    return did_you_mean(file.name, os.listdir(file.parent), prefix=f'{file.parent}/')
