"""Scores that ``tools/test.py --dump`` saved, read without running what else a file may hold.

A file is a pickle, written by mmengine's ``DumpResults``: one dict per sample, with ``pred_score``
(classes,), ``gt_label`` (1,) and what the pipeline packed beside them.
"""

import _codecs
import io
import os
import pickle
from collections import OrderedDict
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch

from mmmotion.compat.saved_arrays import SAVED_ARRAYS
from mmmotion.files import whole_file

__all__ = ['SavedScores', 'load_scores', 'save_scores']

NAME_KEYS = ('filename', 'frame_dir', 'video_id', 'img_key')  # what a file may call its samples


@dataclass(frozen=True)
class SavedScores:
    """The scores of one model on one list.

    Args:
        source: the file, for messages.
        scores: (samples, classes), float64.
        labels: (samples,), integers.
        names: of the samples, where the file carries them.
    """

    source: str
    scores: np.ndarray
    labels: np.ndarray
    names: tuple[str, ...] | None = None

    @property
    def are_probabilities(self) -> bool:
        """Whether every row lies in [0, 1] and sums to 1, but for what half precision rounds."""
        if (self.scores < 0).any():
            return False
        sums = self.scores.sum(axis=1)
        return np.allclose(sums, 1, rtol=0, atol=0.01)


def load_scores(path: str | os.PathLike) -> SavedScores:
    """Read what ``tools/test.py --dump`` saved.

    The pickle may hold tensors, arrays and plain values; one that asks for anything else is
    refused before it runs.

    Args:
        path: the file.

    Raises:
        FileNotFoundError: there is none.
        ValueError: it holds other things, no samples, or samples without a score or a label.
    """
    path = str(path)
    samples = _unpickle(path)
    if not isinstance(samples, list) or not samples:
        raise ValueError(f'{path}: expected a list of samples, got {_describe(samples)}')
    scores, labels = [], []
    for index, sample in enumerate(samples):
        score, label = _read_sample(f'{path}, sample {index}', sample)
        scores.append(score)
        labels.append(label)
    counts = {len(score) for score in scores}
    if len(counts) > 1:
        raise ValueError(f'{path}: expected as many scores of each sample, got {counts}')
    names = _find_names(samples)
    return SavedScores(path, np.stack(scores), np.array(labels), names)


def save_scores(path: str | os.PathLike, saved: SavedScores) -> None:
    """Write scores as ``tools/test.py --dump`` does, whole or not at all.

    Args:
        path: the file; its directory is made.
        saved: the scores.
    """
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    content = pickle.dumps(_make_samples(saved))
    with whole_file(path) as partial:
        partial.write_bytes(content)


class _TensorUnpickler(pickle.Unpickler):
    """Reads tensors, arrays and plain values; anything else in a pickle could be code."""

    def find_class(self, module: str, name: str) -> Any:
        found = _ALLOWED.get(f'{module}.{name}')
        if found is None:
            raise ValueError(f'one that asks for {module}.{name}')
        return found


def _load_storage(content: bytes) -> Any:
    # PyTorch's own function of this name loads with weights_only=False, which may run code.
    return torch.load(io.BytesIO(content), weights_only=True)


_ALLOWED = {
    '_codecs.encode': _codecs.encode,
    'collections.OrderedDict': OrderedDict,
    'torch._utils._rebuild_tensor_v2': torch._utils._rebuild_tensor_v2,
    'torch.storage._load_from_bytes': _load_storage,
    **SAVED_ARRAYS,
}


def _unpickle(path: str) -> Any:
    if not os.path.isfile(path):
        raise FileNotFoundError(f'{path}: expected a file of scores, got no such file')
    with open(path, 'rb') as file:
        try:
            return _TensorUnpickler(file).load()
        except Exception as error:  # damaged pickles raise nearly anything
            lines = str(error).splitlines()
            reason = lines[0] if lines else type(error).__name__
    raise ValueError(f'{path}: expected scores saved by tools/test.py --dump, got {reason}')


def _read_sample(place: str, sample: Any) -> tuple[np.ndarray, int]:
    if not isinstance(sample, dict) or not {'pred_score', 'gt_label'} <= sample.keys():
        raise ValueError(f'{place}: expected pred_score and gt_label, got {_describe(sample)}')
    score = _array(sample['pred_score'])
    are_numbers = score.ndim == 1 and score.dtype == np.float64
    if not are_numbers or not np.isfinite(score).all():
        got = _describe(sample['pred_score'])
        raise ValueError(
            f'{place}: expected a pred_score of finite numbers, one per class, got {got}'
        )
    label = _array(sample['gt_label'])
    is_number = label.size == 1 and label.dtype == np.float64
    if not is_number or not 0 <= label.item() < len(score):
        raise ValueError(
            f'{place}: expected one gt_label of 0 to {len(score) - 1}, got {label.tolist()}'
        )
    return score, int(label.item())


def _array(value: Any) -> np.ndarray:
    """Return numbers as float64, and anything else as an array of another dtype."""
    if isinstance(value, torch.Tensor):
        return value.double().numpy()
    value = np.asarray(value)
    if value.dtype.kind in 'biuf':
        return value.astype(np.float64)
    return value


def _find_names(samples: list[dict]) -> tuple[str, ...] | None:
    for key in NAME_KEYS:
        if all(key in sample for sample in samples):
            return tuple(str(sample[key]) for sample in samples)
    return None


def _make_samples(saved: SavedScores) -> list[dict]:
    samples = []
    for scores, label in zip(saved.scores, saved.labels, strict=True):
        score = torch.from_numpy(scores.copy())  # its own storage, or each would hold all of them
        sample = dict(
            pred_score=score,
            pred_label=score.argmax(dim=-1, keepdim=True),
            gt_label=torch.tensor([int(label)]),
            num_classes=len(score),
        )
        samples.append(sample)
    if saved.names:
        for sample, name in zip(samples, saved.names, strict=True):
            sample[NAME_KEYS[0]] = name
    return samples


def _describe(value: Any) -> str:
    if isinstance(value, torch.Tensor | np.ndarray):
        numbers = _array(value)
        if numbers.dtype == np.float64 and np.isfinite(numbers).all():
            return f'an array of shape {numbers.shape}'
        return f'an array of shape {numbers.shape}, not all finite numbers'
    if isinstance(value, dict):
        return f'a dict of {", ".join(map(str, value)) or "nothing"}'
    kind = type(value).__name__
    return f'an empty {kind}' if value in ([], ()) else kind
