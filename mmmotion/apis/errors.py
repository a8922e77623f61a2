"""Show a user's mistake as one sentence rather than as a traceback through five libraries.

A fault of ours keeps its traceback: it cannot be reported without.
"""

import pickle
import re
import sys
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import mmengine.registry
import yaml

import mmmotion.registry

__all__ = ['is_users', 'one_sentence', 'one_sentence_errors']

INTERRUPTED = 130  # the shell's exit status for Ctrl-C
USER_ERRORS = (
    ValueError,
    OSError,
    ImportError,
    MemoryError,
    pickle.UnpicklingError,
    yaml.YAMLError,
)
# What torch, decord and loaders raise as errors of any kind: about devices, memory and files.
USERS_WORDS = re.compile(
    'CUDA|cuda|device type|device string|device ordinal|out of memory|PytorchStreamReader|'
    'DataLoader worker .* (exited|killed)|Error reading'
)
WRONG_KEYWORD = re.compile(r'__init__\(\) (got an unexpected keyword|missing \d+ required)')
REGISTRIES = (Path(mmengine.registry.__file__).parent, Path(mmmotion.registry.__file__))
UNKNOWN_TYPE = re.compile(r'(?P<name>\w+) is not in the \w+::(?P<kind>[\w ]+) registry')


def is_users(error: BaseException) -> bool:
    """Whether a user can mend what ``error`` says: a file, an argument, a device, a config.

    Types and keywords that a config has wrong are a KeyError or TypeError of MMEngine's registry;
    any other such error is a fault in the code.
    """
    if isinstance(error, USER_ERRORS) or type(error).__name__.startswith('DECORD'):
        return True
    if isinstance(error, (RuntimeError, AssertionError)):
        return bool(USERS_WORDS.search(str(error)))
    if not isinstance(error, (KeyError, TypeError)):
        return False
    frames = traceback.extract_tb(error.__traceback__)
    files = [Path(frame.filename) for frame in frames]
    in_registry = [file in REGISTRIES or file.parent in REGISTRIES for file in files]
    if not any(in_registry):
        return False
    return in_registry[-1] or bool(WRONG_KEYWORD.search(str(error)))


def one_sentence(error: BaseException) -> str:
    """Return what ``error`` says, on one line and without the wrappings of loader and registry."""
    if isinstance(error, pickle.UnpicklingError):  # torch's own runs over many lines
        named = re.search(r'GLOBAL (\S+)', str(error))
        culprit = named[1] if named else 'something unreadable'
        return f'checkpoint: expected weights and plain numbers only, got a file with {culprit}'
    text = str(error)
    if isinstance(error, KeyError) and error.args:  # whose str is a repr
        text = _suggest_type(str(error.args[0]))
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    if 'Original Traceback' in text:  # a DataLoader worker's: the cause stands last
        cause = lines[-1]
        kind, colon, sentence = cause.partition(': ')
        return sentence or cause
    return ' '.join(lines) or type(error).__name__


def _suggest_type(sentence: str) -> str:
    """Let a sentence about an unknown type end in a suggestion, if one of ours is close to it."""
    unknown = UNKNOWN_TYPE.match(sentence)
    if unknown is None:
        return sentence
    for name in mmmotion.registry.__all__:
        registry = getattr(mmmotion.registry, name)
        if registry.name == unknown['kind']:
            suggestion = registry.suggest(unknown['name'])
            return unknown[0] + suggestion if suggestion else sentence
    return sentence


@contextmanager
def one_sentence_errors(
    *, show_traceback: bool = False, interrupted: str = 'interrupted'
) -> Iterator[None]:
    """Exit with status 2 and one sentence on a user's error, and with 130 on Ctrl-C.

    Any other error exits with status 1, its traceback, and a request to report it.

    Args:
        show_traceback: print where a user's error was raised, too.
        interrupted: what to say on Ctrl-C.
    """
    try:
        yield
    except KeyboardInterrupt:
        print(f'\n{interrupted}', file=sys.stderr)
        sys.exit(INTERRUPTED)
    except Exception as error:
        if not is_users(error):
            traceback.print_exc()
            print(
                'this is a fault of the code: please report it with all the above', file=sys.stderr
            )
            sys.exit(1)
        if show_traceback:
            traceback.print_exc()
        print(f'error: {one_sentence(error)} (--traceback shows where)', file=sys.stderr)
        sys.exit(2)
