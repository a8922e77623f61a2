"""Errors as one sentence."""

import pickle

import pytest

from mmmotion.apis import one_sentence_errors
from mmmotion.apis.errors import one_sentence
from mmmotion.apis.runner import check_file


@pytest.mark.parametrize(
    ('error', 'said'),
    [
        (ValueError('a: expected 1, got 2'), 'a: expected 1, got 2'),
        (KeyError('X is not in the registry'), 'X is not in the registry'),
        (ValueError('two\n  lines'), 'two lines'),
        (
            ValueError(
                'Caught ValueError in DataLoader worker process 0.\nOriginal Traceback (most '
                'recent call last):\n  File "x"\nValueError: clip: expected 4 frames, got 2'
            ),
            'clip: expected 4 frames, got 2',
        ),
        (
            pickle.UnpicklingError(
                'Weights only load failed.\nUnsupported GLOBAL posix.system was'
            ),
            'checkpoint: expected weights and plain numbers only, got a file with posix.system',
        ),
        (ValueError(), 'ValueError'),
    ],
)
def test_sentence(error, said):
    assert one_sentence(error) == said


def test_exit_status(capsys):
    with pytest.raises(SystemExit, match='2'), one_sentence_errors():
        raise ValueError('a: expected 1, got 2')
    assert capsys.readouterr().err == 'error: a: expected 1, got 2 (--traceback shows where)\n'


def test_interrupt(capsys):
    with pytest.raises(SystemExit, match='130'), one_sentence_errors():
        raise KeyboardInterrupt
    assert '--resume' in capsys.readouterr().err


def test_traceback_on_request(capsys):
    with pytest.raises(SystemExit), one_sentence_errors(show_traceback=True):
        raise ValueError('a')
    assert 'Traceback' in capsys.readouterr().err


def test_our_own_faults_keep_their_traceback():
    with pytest.raises(AssertionError), one_sentence_errors():
        raise AssertionError('an invariant of ours')


def test_suggestion(tmp_path):
    (tmp_path / 'pan_lite.py').touch()
    with pytest.raises(FileNotFoundError, match='did you mean .*pan_lite.py'):
        check_file(str(tmp_path / 'pan_light.py'), name='config')
    with pytest.raises(ValueError, match='config: expected a file with content, got .* of 0 bytes'):
        check_file(str(tmp_path / 'pan_lite.py'), name='config')
