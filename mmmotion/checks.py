"""Sentences about a wrong argument: its name, what was expected, and what came."""

import difflib
from collections.abc import Iterable

__all__ = ['check_choice', 'check_integer', 'did_you_mean']


def check_choice(name: str, value: object, choices: Iterable[object]) -> None:
    """Check that an argument is one of the values that it can have.

    Args:
        name: of the argument.
        value: what was given.
        choices: the values that it can have.

    Raises:
        ValueError: it is none of them.
    """
    choices = list(choices)
    if value not in choices:
        names = map(str, choices)
        expected = ', '.join(names)
        raise ValueError(f'{name}: expected one of {expected}, got {value!r}')


def check_integer(name: str, value: object, *, least: int = 1) -> None:
    """Check that an argument is an integer, and not too small.

    Args:
        name: of the argument.
        value: what was given.
        least: the smallest that it can be.

    Raises:
        ValueError: it is no integer, or smaller.
    """
    is_integer = isinstance(value, int) and not isinstance(value, bool)
    if not is_integer or value < least:
        raise ValueError(f'{name}: expected an integer of at least {least}, got {value!r}')


def did_you_mean(word: str, known: Iterable[str], *, most: int = 1, prefix: str = '') -> str:
    """Return the end of a sentence that suggests similar words, '' if there is none.

    Args:
        word: what was given.
        known: what could have been meant.
        most: how many are suggested.
        prefix: what the sentence puts before each of them.
    """
    close = difflib.get_close_matches(word, list(known), n=most)
    if not close:
        return ''
    suggestions = ', '.join(prefix + known_word for known_word in close)
    return f'; did you mean {suggestions}?'
