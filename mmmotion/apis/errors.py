"""Show a user's mistake as one sentence rather than as a traceback through five libraries."""

import pickle
import sys
import traceback
from collections.abc import Iterator
from contextlib import contextmanager

__all__ = ['one_sentence', 'one_sentence_errors']

INTERRUPTED = 130  # the shell's exit status for Ctrl-C
USER_ERRORS = (
    ValueError,
    TypeError,
    KeyError,
    OSError,
    ImportError,
    AttributeError,
    IndexError,
    pickle.UnpicklingError,
)


def one_sentence(error: BaseException) -> str:
    """Return what ``error`` says, on one line and without the wrappings of loader and registry."""
    if isinstance(error, pickle.UnpicklingError):  # torch's own runs over many lines
        culprit = str(error).partition('GLOBAL ')[2].split(' ')[0] or 'something unreadable'
        return f'checkpoint: expected weights and plain numbers only, got a file with {culprit}'
    text = str(error.args[0]) if isinstance(error, KeyError) and error.args else str(error)
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    if 'Original Traceback' in text:  # a DataLoader worker's: the cause stands last
        lines = [lines[-1].partition(': ')[2] or lines[-1]]
    return ' '.join(lines) or type(error).__name__


@contextmanager
def one_sentence_errors(*, show_traceback: bool = False) -> Iterator[None]:
    """Exit with status 2 and one sentence on an error, and with 130 on Ctrl-C.

    Args:
        show_traceback: print where the error was raised, too.
    """
    try:
        yield
    except KeyboardInterrupt:
        print('\ninterrupted: what was saved is kept; --resume goes on from there', file=sys.stderr)
        sys.exit(INTERRUPTED)
    except USER_ERRORS as error:
        if show_traceback:
            traceback.print_exc()
        print(f'error: {one_sentence(error)} (--traceback shows where)', file=sys.stderr)
        sys.exit(2)
