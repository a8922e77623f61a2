"""Classify one video with a trained recogniser."""

import torch
from mmaction.registry import MODELS
from mmengine.config import Config
from mmengine.dataset import Compose, pseudo_collate
from mmengine.registry import init_default_scope
from torch import Tensor, nn

from mmmotion.datasets.video_check import check_video
from mmmotion.weights import load_whole

from .runner import check_checkpoint, load_config

__all__ = ['classify', 'init_recognizer', 'top_k']


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


@torch.no_grad()
def classify(model: nn.Module, video: str) -> tuple[Tensor, dict]:
    """Run the test pipeline and ``model`` on a video file.

    Args:
        model: what :func:`init_recognizer` returns.
        video: path of a video file.

    Returns:
        Probabilities (classes,) that add up to 1, and the batch that the pipeline made of the
        video: its ``inputs`` hold one uint8 clip, (views, 3, m, H, W) for stacks of frames.

    Raises:
        FileNotFoundError, ValueError: there is no such video, or it cannot be decoded.
    """
    check_video(video)
    pipeline = Compose(model.cfg.test_pipeline)
    sample = dict(filename=str(video), label=-1, start_index=0, modality='RGB')
    batch = pseudo_collate([pipeline(sample)])
    return model.test_step(batch)[0].pred_score, batch


def top_k(probabilities: Tensor, k: int, classes: list[str] | None = None) -> list[tuple]:
    """Return the ``k`` most probable classes as (name or index, probability), best first."""
    values, indices = probabilities.topk(min(k, len(probabilities)))
    names = classes or [str(index) for index in range(len(probabilities))]
    return [(names[i], value) for i, value in zip(indices.tolist(), values.tolist(), strict=True)]
