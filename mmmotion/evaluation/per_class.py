"""Accuracies class by class, and how those of two models relate.

Rethinking Motion Representation: Residual Frames with 3D ConvNets for Better Action Recognition,
Section 5.1: Table 4 (correlations) and Fig. 5 (differences).
"""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from mmmotion.evaluation.fusion import check_same_list
from mmmotion.evaluation.saved_scores import SavedScores

__all__ = [
    'class_accuracies',
    'class_correlation',
    'class_differences',
    'extreme_classes',
    'read_class_names',
]


def class_accuracies(saved: SavedScores) -> np.ndarray:
    """Return the top-1 accuracy of each class.

    Args:
        saved: the scores of one model.

    Returns:
        (classes,), in [0, 1]; nan for a class without samples.
    """
    num_classes = saved.scores.shape[1]
    hits = saved.scores.argmax(axis=1) == saved.labels
    counts = np.bincount(saved.labels, minlength=num_classes)
    found = np.bincount(saved.labels, weights=hits, minlength=num_classes)
    shares = np.full(num_classes, np.nan)
    return np.divide(found, counts, out=shares, where=counts > 0)


def class_correlation(first: SavedScores, second: SavedScores) -> float:
    """Return Pearson's correlation of two models' accuracies over the classes (Table 4).

    Classes without samples are left out.

    Args:
        first: the scores of one model.
        second: those of another, on the same list.

    Returns:
        A number in [-1, 1]; 1 where both find the same classes easy.

    Raises:
        ValueError: the files are of different lists, or one has the same accuracy in every class,
            which correlates with nothing.
    """
    check_same_list([first, second])
    correlations = np.corrcoef(_varying(first), _varying(second))  # (2, 2)
    return float(correlations[0, 1])


def class_differences(first: SavedScores, second: SavedScores) -> np.ndarray:
    """Return by how much ``first`` is better than ``second`` in each class (Fig. 5).

    Returns:
        (classes,), in [-1, 1]; nan for a class without samples.

    Raises:
        ValueError: the files are of different lists.
    """
    check_same_list([first, second])
    return class_accuracies(first) - class_accuracies(second)


def extreme_classes(differences: np.ndarray, k: int) -> np.ndarray:
    """Return the classes of the ``k`` greatest and the ``k`` smallest differences (Fig. 5).

    Args:
        differences: (classes,); those that are nan are left out.
        k: at least 1.

    Returns:
        Up to 2 k indices, from the greatest difference to the smallest, none twice.

    Raises:
        ValueError: ``k`` is less than 1.
    """
    if k < 1:
        raise ValueError(f'k: expected at least 1 class, got {k}')
    falling = np.argsort(-differences, kind='stable')
    is_known = np.isfinite(differences[falling])
    falling = falling[is_known]
    if len(falling) <= 2 * k:
        return falling
    return np.concatenate([falling[:k], falling[-k:]])


def read_class_names(path: str | None, num_classes: int) -> Sequence[str]:
    """Read the names of the classes, one a line; None gives their indices.

    Raises:
        FileNotFoundError: there is no such file.
        ValueError: it has not as many lines as there are classes.
    """
    if path is None:
        return [str(index) for index in range(num_classes)]
    names = Path(path).read_text(encoding='utf-8').splitlines()
    names = [name.strip() for name in names if name.strip()]
    if len(names) != num_classes:
        raise ValueError(f'{path}: expected {num_classes} names of classes, got {len(names)}')
    return names


def _varying(saved: SavedScores) -> np.ndarray:
    accuracies = class_accuracies(saved)
    accuracies = accuracies[np.isfinite(accuracies)]
    if np.ptp(accuracies) == 0:
        raise ValueError(
            f'{saved.source}: expected accuracies that differ between classes, since others '
            f'correlate with nothing, got {accuracies[0]:.2%} in each'
        )
    return accuracies
