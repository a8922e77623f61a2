"""Classify one video with a trained recogniser."""

import os
from collections.abc import Sequence
from pathlib import Path

import torch
from mmaction.models.heads import BaseHead
from mmaction.registry import MODELS
from mmengine.config import Config
from mmengine.dataset import pseudo_collate
from mmengine.registry import init_default_scope
from torch import Tensor, nn

from mmmotion.apis.runner import load_config
from mmmotion.apis.samples import read_sample
from mmmotion.checkpoints import check_checkpoint, load_weights
from mmmotion.checks import did_you_mean
from mmmotion.files import check_file
from mmmotion.models.heads.probabilities import (
    ProbabilityHead,
    has_independent_classes,
    to_probabilities,
)

__all__ = [
    'classify',
    'find_class',
    'init_recognizer',
    'pick_device',
    'prepare_video',
    'read_labels',
    'top_k',
]


def init_recognizer(
    config: str | Path | Config,
    checkpoint: str | Path,
    device: str = 'auto',
    *,
    labels: str | Path | None = None,
) -> nn.Module:
    """Build the recogniser of ``config`` and fill it with ``checkpoint``.

    Args:
        config: a config file, or a config that has been read.
        checkpoint: a checkpoint of exactly this architecture: a file, or an address that MMEngine
            can load from.
        device: where it shall run; 'auto' is a GPU if there is one.
        labels: a file with the name of a class on each line; else those that the checkpoint names.

    Raises:
        ValueError: the checkpoint is of another architecture, or there are fewer names than
            classes.
    """
    cfg = config
    if not isinstance(config, Config):
        cfg = load_config(str(config))
    init_default_scope(cfg.get('default_scope', 'mmaction'))
    if checkpoint is None:
        raise ValueError('checkpoint: expected the weights of a trained recogniser, got none')
    checkpoint = str(checkpoint)
    if '://' not in checkpoint:
        check_checkpoint(checkpoint, name='checkpoint')
    model = MODELS.build(cfg.model)
    loaded = load_weights(model, checkpoint)
    _choose_average(model)
    model.cfg = cfg
    meta = loaded.get('meta', {})
    dataset_meta = meta.get('dataset_meta', {})
    model.classes = dataset_meta.get('classes')
    if labels is not None:
        model.classes = read_labels(labels)
    model.to(pick_device(device))
    return model.eval()


def pick_device(device: str) -> str:
    """Return the device that is meant: of 'auto', a GPU if there is one."""
    if device != 'auto':
        return device
    return 'cuda' if torch.cuda.is_available() else 'cpu'


def read_labels(path: str | Path) -> list[str]:
    """Return the names of classes that a file holds, one a line.

    Raises:
        FileNotFoundError, ValueError: there is no such file, or it is empty.
    """
    file = check_file(str(path), name='labels')
    lines = [line.strip() for line in file.read_text().splitlines()]
    return [line for line in lines if line]


def prepare_video(model: nn.Module, video: str | os.PathLike) -> dict:
    """Run the test pipeline on a video file or a folder of frames.

    Args:
        model: what :func:`init_recognizer` returns.
        video: path of a video file, or of a folder of frames; either is read as it must be,
            whatever the data set of the config consists of.

    Returns:
        A batch of one, as the data preprocessor takes it: ``inputs`` hold one uint8 clip,
        (views, 3, m, H, W) for stacks of frames. The ``metainfo`` of its sample holds
        ``frame_inds`` and, of a video file, ``avg_fps``.

    Raises:
        FileNotFoundError, ValueError: there is no such video, or it cannot be decoded.
    """
    return pseudo_collate([read_sample(model.cfg, video)])


@torch.no_grad()
def classify(model: nn.Module, video: str | os.PathLike) -> tuple[Tensor, dict]:
    """Run the test pipeline and ``model`` on a video file or a folder of frames.

    Views and branches are averaged as ``tools/test.py`` averages them.

    Args:
        model: what :func:`init_recognizer` returns.
        video: path of a video file, or of a folder of frames.

    Returns:
        Probabilities (classes,), and the batch of :func:`prepare_video`. They add up to 1, unless
        the model was trained for several classes a video: then each stands for itself.

    Raises:
        FileNotFoundError, ValueError: there is no such video, or it cannot be decoded.
    """
    batch = prepare_video(model, video)
    score = model.test_step(batch)[0].pred_score
    head = getattr(model, 'cls_head', None)
    if head is not None and not isinstance(head, ProbabilityHead) and head.average_clips == 'score':
        score = to_probabilities(score, head)  # logits
    if model.classes and len(model.classes) < len(score):
        raise ValueError(
            f'labels: expected a name for each of {len(score)} classes, got {len(model.classes)}'
        )
    return score, batch


def top_k(probabilities: Tensor, k: int, classes: list[str] | None = None) -> list[tuple]:
    """Return the ``k`` most probable classes as (name or index, probability), best first.

    Raises:
        ValueError: ``k`` is not at least 1.
    """
    if k < 1:
        raise ValueError(f'top_k: expected at least 1 class, got {k}')
    values, indices = probabilities.topk(min(k, len(probabilities)))
    names = classes or [str(index) for index in range(len(probabilities))]
    chosen = [names[index] for index in indices.tolist()]
    return list(zip(chosen, values.tolist(), strict=True))


def find_class(name: str, num_classes: int, classes: Sequence[str] | None = None) -> int:
    """Return the index of a class that is given by its name or its index.

    Args:
        name: a name goes before an index.
        num_classes: how many there are.
        classes: their names, if known.

    Raises:
        ValueError: there is no such class.
    """
    names = list(classes or [])
    if name in names:
        return names.index(name)
    if name.isdecimal() and int(name) < num_classes:
        return int(name)
    expected = f'an index of 0 to {num_classes - 1}'
    if names:
        expected = f'a name or {expected}'
    suggestion = did_you_mean(name, names, most=3)
    raise ValueError(f'class: expected {expected}, got {name}{suggestion}')


def _choose_average(model: nn.Module) -> None:
    """Let a head average views where its config leaves that open, or where softmax is wrong."""
    head = getattr(model, 'cls_head', None)  # a recogniser of branches averages by itself
    if not isinstance(head, BaseHead):
        return
    if has_independent_classes(head):
        head.average_clips = 'score'  # for the sigmoid of the mean logits
    elif head.average_clips is None:
        head.average_clips = 'prob'
