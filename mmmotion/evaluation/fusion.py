"""Accuracies of saved scores, and the fusion of several models' into one."""

from collections.abc import Sequence

import numpy as np
from mmaction.evaluation import mean_class_accuracy, top_k_accuracy

from mmmotion.checks import check_choice
from mmmotion.evaluation.saved_scores import SavedScores

__all__ = ['AVERAGES', 'accuracies', 'fuse_scores', 'check_same_classes', 'check_same_list']

AVERAGES = ('score', 'prob', 'logit')


def accuracies(saved: SavedScores) -> dict[str, float]:
    """Return top-1, top-5 and mean class accuracy, in [0, 1], computed as by ``AccMetric``."""
    scores = list(saved.scores)
    labels = saved.labels.tolist()
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
    check_choice('average', average, AVERAGES)
    if not files:
        raise ValueError('files: expected at least one file of scores, got none')
    if weights is None:
        weights = [1] * len(files)
    _check_weights(weights, len(files))
    check_same_list(files)
    converted = [_convert(file, average) for file in files]
    scores = np.average(converted, axis=0, weights=weights)
    labels = files[0].labels
    names = None
    for file in files:
        names = names or file.names
    return SavedScores('fused', scores, labels, names)


def check_same_classes(files: Sequence[SavedScores]) -> None:
    """Check that all files are of as many classes.

    Raises:
        ValueError: they are not.
    """
    first = files[0]
    expected = first.scores.shape[1]
    for file in files[1:]:
        got = file.scores.shape[1]
        if got != expected:
            raise ValueError(
                f'{file.source}: expected {expected} classes, as in {first.source}, got {got}'
            )


def check_same_list(files: Sequence[SavedScores]) -> None:
    """Check that all files are of the same samples, in the same order, and of as many classes.

    Names are compared where both files carry them.

    Raises:
        ValueError: they are not.
    """
    check_same_classes(files)
    first = files[0]
    for file in files[1:]:
        expected, got = len(first.labels), len(file.labels)
        if got != expected:
            raise ValueError(
                f'{file.source}: expected {expected} samples, as in {first.source}, got {got}'
            )
        if file.names and first.names:
            _check_same(file, first, 'name', file.names, first.names)
        labels = file.labels.tolist()
        _check_same(file, first, 'label', labels, first.labels.tolist())


def _check_same(
    file: SavedScores, first: SavedScores, what: str, got: Sequence, expected: Sequence
) -> None:
    for index, (theirs, ours) in enumerate(zip(expected, got, strict=True)):
        if ours != theirs:
            raise ValueError(
                f'{file.source}: expected {theirs} as {what} of sample {index}, '
                f'as in {first.source}, got {ours}'
            )


def _check_weights(weights: Sequence[float], count: int) -> None:
    if len(weights) != count:
        raise ValueError(f'weights: expected {count} numbers, one per file, got {len(weights)}')
    numbers = np.asarray(weights, dtype=float)
    are_valid = np.isfinite(numbers) & (numbers >= 0)
    if not are_valid.all() or not numbers.any():
        raise ValueError(
            f'weights: expected finite numbers of at least 0, not all 0, got {numbers.tolist()}'
        )


def _convert(file: SavedScores, average: str) -> np.ndarray:
    """Return the scores (samples, classes) as what is to be averaged."""
    scores = file.scores
    if average == 'prob' and not file.are_probabilities:
        highest = scores.max(axis=1, keepdims=True)
        powers = np.exp(scores - highest)
        return powers / powers.sum(axis=1, keepdims=True)
    if average == 'logit' and file.are_probabilities:
        least = np.finfo(np.float32).tiny
        return np.log(scores.clip(min=least))
    return scores
