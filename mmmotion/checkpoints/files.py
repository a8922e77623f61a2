"""Checkpoints as files: read and written as a whole, or refused in one sentence."""

import zipfile
from pickle import UnpicklingError

import torch
from mmengine.runner.checkpoint import _load_checkpoint
from torch import Tensor

from mmmotion.files import check_file, whole_file

__all__ = ['check_checkpoint', 'find_weights', 'read_checkpoint', 'write_checkpoint']

LEGACY_MAGIC = b'\x80\x02'  # how files of PyTorch before 1.6 begin


def check_checkpoint(path: str, *, name: str) -> str:
    """Return ``path`` if it can be a whole checkpoint; else say what there is instead.

    Args:
        path: the file.
        name: what the error calls it.

    Raises:
        FileNotFoundError: there is none.
        ValueError: it is empty, cut off, or of another kind.
    """
    file = check_file(path, name=name)
    with file.open('rb') as stream:
        legacy = stream.read(len(LEGACY_MAGIC)) == LEGACY_MAGIC
    if not (legacy or zipfile.is_zipfile(file)):  # a truncated file is no zip file either
        raise ValueError(f'{name}: expected a whole PyTorch checkpoint, got {path}, which is none')
    return str(file)


def read_checkpoint(path: str, *, name: str) -> dict:
    """Return what the checkpoint at ``path`` holds, its weights among it.

    Args:
        path: a file, or an address that MMEngine can load from.
        name: what the error calls it.

    Raises:
        FileNotFoundError, ValueError: it is missing, empty, cut off, or holds no weights.
    """
    if '://' not in path:
        check_checkpoint(path, name=name)
    try:
        checkpoint = _load_checkpoint(path, map_location='cpu', logger='silent')
    except (OSError, UnpicklingError):  # they say themselves what is wrong
        raise
    except Exception as error:  # of a damaged file, which torch's readers meet anywhere
        cause = str(error).splitlines()[0]
        raise ValueError(
            f'{name}: expected a whole PyTorch checkpoint, got {path}: {cause}'
        ) from error
    find_weights(checkpoint, name=name)
    return checkpoint


def find_weights(checkpoint: object, *, name: str) -> dict[str, Tensor]:
    """Return the weights in what a file holds, by their names without a parallel wrapper's.

    Raises:
        ValueError: there are none.
    """
    entries = checkpoint
    if isinstance(checkpoint, dict):
        entries = checkpoint.get('state_dict', checkpoint)
    weights = {}
    if isinstance(entries, dict):
        for key, value in entries.items():
            if isinstance(value, Tensor):
                weights[key.removeprefix('module.')] = value
    if not weights:
        raise ValueError(f'{name}: expected a checkpoint with weights, got one without any')
    return weights


def write_checkpoint(path: str, state_dict: dict[str, Tensor], meta: dict) -> None:
    """Write a checkpoint as a whole or not at all.

    Args:
        path: the file; its folder exists.
        state_dict: the weights.
        meta: what they are, in plain numbers, texts, lists and dicts.
    """
    with whole_file(path) as partial, partial.open('wb') as stream:
        torch.save(dict(meta=meta, state_dict=state_dict), stream)
