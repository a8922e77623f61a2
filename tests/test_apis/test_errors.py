"""Errors as one sentence."""

import io
import pickle
import re

import decord
import pytest
import torch
import yaml
from mmaction.registry import MODELS

from mmmotion.apis import one_sentence_errors
from mmmotion.apis.errors import one_sentence
from mmmotion.files import check_file


class Faulty:
    """Of which the registry builds none, for a fault of its own."""

    def __init__(self):
        self.missing  # noqa: B018


@pytest.mark.parametrize(
    ('error', 'said'),
    [
        (ValueError('a: expected 1, got 2'), 'a: expected 1, got 2'),
        (KeyError('X is not in the registry'), 'X is not in the registry'),
        (
            KeyError('VAPHead is not in the mmaction::model registry. Please check whether it'),
            'VAPHead is not in the mmaction::model registry; did you mean mmmotion.VAPHead?',
        ),
        (
            KeyError('BranchMultiStep is not in the mmengine::parameter scheduler registry. So'),
            'BranchMultiStep is not in the mmengine::parameter scheduler registry; did you mean '
            'mmmotion.BranchMultiStepLR?',
        ),
        (
            KeyError('Quux is not in the mmaction::model registry. Please check'),
            'Quux is not in the mmaction::model registry. Please check',
        ),
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
    """A hint to go on stands only where the script has one to give."""
    with pytest.raises(SystemExit, match='130'), one_sentence_errors():
        raise KeyboardInterrupt
    assert capsys.readouterr().err == '\ninterrupted\n'
    with pytest.raises(SystemExit, match='130'), one_sentence_errors(interrupted='go on'):
        raise KeyboardInterrupt
    assert capsys.readouterr().err == '\ngo on\n'


def test_traceback_on_request(capsys):
    with pytest.raises(SystemExit), one_sentence_errors(show_traceback=True):
        raise ValueError('a')
    assert 'Traceback' in capsys.readouterr().err


@pytest.mark.parametrize(
    'fault',
    [
        lambda: [][0],
        lambda: {}['inputs'],
        lambda: None.dataset,
        lambda: len(1),
        lambda: torch.zeros(2) + torch.zeros(3),
        lambda: MODELS.build(dict(type=Faulty)),
    ],
)
def test_our_own_faults_keep_their_traceback(capsys, fault):
    with pytest.raises(SystemExit, match='1'), one_sentence_errors():
        fault()
    said = capsys.readouterr().err
    assert said.startswith('Traceback')
    assert said.splitlines()[-1].endswith('please report it with all the above')


@pytest.mark.parametrize(
    ('mistake', 'said'),
    [
        (lambda: torch.zeros(1, device='gpu'), 'device type'),
        (lambda: torch.zeros(1, device='cuda:99'), 'CUDA|device'),
        (lambda: MODELS.build(dict(type='mmmotion.VAPHaed')), 'VAPHaed'),
        (lambda: MODELS.build(dict(num_classes=2)), '"type"'),
        (
            lambda: MODELS.build(dict(type='mmaction.TSNHead', in_chanels=2)),
            'in_chanels|num_classes',
        ),
        (lambda: decord.VideoReader(io.BytesIO(b'none')), 'Error|error'),
        (lambda: yaml.safe_load('a: ['), 'expected the node content'),
    ],
)
def test_users_mistakes_are_sentences(capsys, mistake, said):
    with pytest.raises(SystemExit, match='2'), one_sentence_errors():
        mistake()
    text = capsys.readouterr().err
    assert re.fullmatch(f'error: .*({said}).* \\(--traceback shows where\\)\n', text)


def test_suggestion(tmp_path):
    (tmp_path / 'pan_lite.py').touch()
    with pytest.raises(FileNotFoundError, match='did you mean .*pan_lite.py'):
        check_file(str(tmp_path / 'pan_light.py'), name='config')
    with pytest.raises(ValueError, match='config: expected a file with content, got .* of 0 bytes'):
        check_file(str(tmp_path / 'pan_lite.py'), name='config')
