"""Accuracies of saved scores, and the fusion of several models' into one."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from mmaction.evaluation import mean_class_accuracy, top_k_accuracy

from mmmotion.evaluation.saved_scores import SavedScores

__all__ = ['AVERAGES', 'accuracies', 'fuse_scores', 'check_same_classes', 'check_same_list']

AVERAGES = ('score', 'prob', 'logit')


def accuracies(saved: SavedScores) -> dict[str, float]:
    """Return top-1, top-5 and mean class accuracy, in [0, 1], computed as by ``AccMetric``."""
    scores, labels = list(saved.scores), saved.labels.tolist()
    top1, top5 = top_k_accuracy(scores, labels, topk=(1, 5))
    mean = mean_class_accuracy(scores, labels)
    return {'top-1': float(top1), 'top-5': float(top5), 'mean class': float(mean)}


def fuse_scores(
    files: Sequence[SavedScores],
    *,
    weights: Sequence[float] | None = None,
    average: str = 'score',
) -> SavedScores:
    """Average the scores of several models on the same list.

    Args:
        files: the scores of each, at least one.
        weights: one per file, not negative, not all 0; equal ones if None. Only their ratios count.
        average: ``score`` takes what was saved as it is; ``prob`` takes probabilities, the softmax
            of what is none; ``logit`` takes logits, of probabilities their logarithm, which is
            short of the logits only by a number that all classes of a sample share.

    Returns:
        The weighted mean, with labels and names of the files.

    Raises:
        ValueError: the files are of different lists or classes, or an argument is wrong.
    """
    if average not in AVERAGES:
        raise ValueError(f'average: expected one of {", ".join(AVERAGES)}, got {average!r}')
    weights = _checked_weights(weights, len(files))
    check_same_list(files)
    convert = dict(score=lambda file: file.scores, prob=_probabilities, logit=_logits)[average]
    scores = np.average([convert(file) for file in files], axis=0, weights=weights)
    names = next((file.names for file in files if file.names), None)
    return SavedScores('fused', scores, files[0].labels, names)


def check_same_classes(files: Sequence[SavedScores]) -> None:
    """Check that all files are of as many classes.

    Raises:
        ValueError: they are not.
    """
    for file in files[1:]:
        _expect(file, files[0], 'classes', file.scores.shape[1], files[0].scores.shape[1])


def check_same_list(files: Sequence[SavedScores]) -> None:
    """Check that all files are of the same samples, in the same order, and of as many classes.

    Names are compared where both files carry them.

    Raises:
        ValueError: they are not.
    """
    check_same_classes(files)
    first = files[0]
    for file in files[1:]:
        _expect(file, first, 'samples', len(file.labels), len(first.labels))
        if file.names and first.names:
            _expect_same(file, first, 'name', file.names, first.names)
        _expect_same(file, first, 'label', file.labels.tolist(), first.labels.tolist())


def _checked_weights(weights: Sequence[float] | None, count: int) -> np.ndarray:
    weights = np.ones(count) if weights is None else np.asarray(weights, dtype=float)
    if not count:
        raise ValueError('files: expected at least one file of scores, got none')
    if len(weights) != count:
        raise ValueError(f'weights: expected {count} numbers, one per file, got {len(weights)}')
    if not (np.isfinite(weights).all() and (weights >= 0).all() and weights.any()):
        expected = 'finite numbers of at least 0, not all 0'
        raise ValueError(f'weights: expected {expected}, got {weights.tolist()}')
    return weights


def _expect_same(file: SavedScores, first: SavedScores, what: str, got: Any, expected: Any) -> None:
    for i, (ours, theirs) in enumerate(zip(got, expected, strict=True)):
        _expect(file, first, f'as {what} of sample {i}', ours, theirs)


def _expect(file: SavedScores, first: SavedScores, what: str, got: Any, expected: Any) -> None:
    if got != expected:
        raise ValueError(
            f'{file.source}: expected {expected} {what}, as in {first.source}, got {got}'
        )


def _probabilities(file: SavedScores) -> np.ndarray:
    if file.are_probabilities:
        return file.scores
    powers = np.exp(file.scores - file.scores.max(axis=1, keepdims=True))
    return powers / powers.sum(axis=1, keepdims=True)


def _logits(file: SavedScores) -> np.ndarray:
    if not file.are_probabilities:
        return file.scores
    return np.log(file.scores.clip(min=np.finfo(np.float32).tiny))
