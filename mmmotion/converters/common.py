"""What all converters share: released files are read safely, and never written over."""

import pickle
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from mmmotion.checkpoints import check_checkpoint

__all__ = ['check_out', 'read_released']


def check_out(out: str, source: str) -> None:
    """Check that a converter does not write over the file that it reads.

    Args:
        out: the file to write.
        source: the file to read.

    Raises:
        ValueError: they are the same file.
    """
    if Path(out).resolve() == Path(source).resolve():
        raise ValueError(f'OUT: expected another file than IN, got {out} for both')


def read_released(path: str) -> dict[str, Tensor]:
    """Read the weights in a released checkpoint, under their released keys.

    Args:
        path: the file; its weights may stand under ``state_dict`` and begin with ``module.``.

    Raises:
        FileNotFoundError, ValueError, pickle.UnpicklingError: there is no such file, it is cut
            off, or it holds something else than weights.
    """
    check_checkpoint(path, name='checkpoint')
    loaded = _load(path)
    weights = loaded
    if isinstance(loaded, dict):
        weights = loaded.get('state_dict', loaded)
    if not isinstance(weights, dict) or not all(isinstance(key, str) for key in weights):
        raise ValueError(f'checkpoint: expected named weights, got {type(weights).__name__}')
    for key, value in weights.items():
        if not isinstance(value, Tensor):
            raise ValueError(f'checkpoint: expected weights, got {key}: {type(value).__name__}')
    return {key.removeprefix('module.'): value.detach() for key, value in weights.items()}


def _load(path: str) -> Any:
    try:
        return torch.load(path, map_location='cpu', weights_only=True)
    except pickle.UnpicklingError:  # it wants to run code
        raise
    except Exception as error:  # whatever a damaged file can raise
        raise ValueError(
            f'checkpoint: expected a whole PyTorch checkpoint, got {path}, which cannot be read'
        ) from error
