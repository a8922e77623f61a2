"""Classify one video with a trained recogniser."""

import difflib
from collections.abc import Sequence

import torch
from mmaction.registry import MODELS
from mmengine.config import Config
from mmengine.dataset import Compose, pseudo_collate
from mmengine.registry import init_default_scope
from torch import Tensor, nn

from mmmotion.datasets.video_check import check_video
from mmmotion.weights import load_whole

from .runner import check_checkpoint, load_config

__all__ = ['classify', 'find_class', 'init_recognizer', 'prepare_video', 'top_k']


def init_recognizer(config: str | Config, checkpoint: str, device: str = 'cpu') -> nn.Module:
    """Build the recogniser of ``config`` and fill it with ``checkpoint``.

    Args:
        config: a config file, or a config that has been read.
        checkpoint: a checkpoint of exactly this architecture.
        device: where it shall run.

    Raises:
        ValueError: the checkpoint is of another architecture.
    """
    cfg = load_config(config) if isinstance(config, str) else config
    init_default_scope(cfg.get('default_scope', 'mmaction'))
    model = MODELS.build(cfg.model)
    loaded = load_whole(model, check_checkpoint(checkpoint, name='checkpoint'))
    scorer = getattr(model, 'cls_head', model)  # a recogniser of branches averages by itself
    scorer.average_clips = 'prob'  # whatever the config tests with
    model.cfg = cfg
    model.classes = loaded.get('meta', {}).get('dataset_meta', {}).get('classes')
    return model.to(device).eval()


def prepare_video(model: nn.Module, video: str) -> dict:
    """Run the test pipeline on a video file.

    Args:
        model: what :func:`init_recognizer` returns.
        video: path of a video file.

    Returns:
        A batch of one, as the data preprocessor takes it: ``inputs`` hold one uint8 clip,
        (views, 3, m, H, W) for stacks of frames.

    Raises:
        FileNotFoundError, ValueError: there is no such video, or it cannot be decoded.
    """
    check_video(video)
    pipeline = Compose(model.cfg.test_pipeline)
    sample = dict(filename=str(video), label=-1, start_index=0, modality='RGB')
    return pseudo_collate([pipeline(sample)])


@torch.no_grad()
def classify(model: nn.Module, video: str) -> tuple[Tensor, dict]:
    """Run the test pipeline and ``model`` on a video file.

    Args:
        model: what :func:`init_recognizer` returns.
        video: path of a video file.

    Returns:
        Probabilities (classes,) that add up to 1, and the batch of :func:`prepare_video`.

    Raises:
        FileNotFoundError, ValueError: there is no such video, or it cannot be decoded.
    """
    batch = prepare_video(model, video)
    return model.test_step(batch)[0].pred_score, batch


def top_k(probabilities: Tensor, k: int, classes: list[str] | None = None) -> list[tuple]:
    """Return the ``k`` most probable classes as (name or index, probability), best first."""
    values, indices = probabilities.topk(min(k, len(probabilities)))
    names = classes or [str(index) for index in range(len(probabilities))]
    return [(names[i], value) for i, value in zip(indices.tolist(), values.tolist(), strict=True)]


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
    expected = f'{"a name or " if names else ""}an index of 0 to {num_classes - 1}'
    close = difflib.get_close_matches(name, names, n=3)
    hint = f'; did you mean {", ".join(close)}?' if close else ''
    raise ValueError(f'class: expected {expected}, got {name}{hint}')
