"""Cures for what MMAction2 1.2 asks of NumPy 1, put into its modules and never into numpy."""

from collections.abc import Callable
from types import ModuleType
from typing import Any

import numpy as np

__all__ = ['NUMPY2_CURES']


class NumPyWithOldNames(ModuleType):
    """NumPy with the names that version 2 dropped, for the modules that still use them."""

    Inf = np.inf
    in1d = staticmethod(np.isin)
    trapz = staticmethod(getattr(np, 'trapezoid', None) or np.trapz)

    def __getattr__(self, name: str) -> Any:
        return getattr(np, name)


def import_with_old_names(exec_module: Callable[[ModuleType], None], module: ModuleType) -> None:
    """Give a module of MMAction2 the old names as its ``np``.

    Symptom: ``np.Inf was removed`` in pose transforms and ``frame_extract``; numpy has no attribute
    ``in1d`` in ``RetrievalRecall``, none ``trapz`` in ``average_recall_at_avg_proposals``.
    Cause: NumPy 2.0 dropped the first, NumPy 2.4 the others.
    """
    exec_module(module)
    if not all(hasattr(np, name) for name in ('Inf', 'in1d', 'trapz')):
        module.np = NumPyWithOldNames('numpy')  # type: ignore[attr-defined]


def import_processing(exec_module: Callable[[ModuleType], None], module: ModuleType) -> None:
    """Let ``ColorJitter`` turn the hue backwards.

    Symptom: ``OverflowError: Python integer -13 out of bounds for uint8``, for some samples only.
    Cause: NumPy 2 no longer widens a uint8 array for a negative Python integer.
    """
    exec_module(module)
    try:
        module.ColorJitter.adjust_hue(np.zeros((1, 1, 3)), -0.1)
    except OverflowError:
        module.ColorJitter.adjust_hue = staticmethod(adjust_hue)


def adjust_hue(img: np.ndarray, factor: float) -> np.ndarray:
    """Turn the hue as ``ColorJitter.adjust_hue`` does, in integers that hold the sum.

    Args:
        img: (H, W, 3), RGB within 0 to 255.
        factor: the turn, of which 1 is 255 steps of two degrees.

    Returns:
        (H, W, 3), float32.
    """
    import cv2  # which the operators alone do not need

    rgb = np.clip(img, 0, 255).astype(np.uint8)
    hsv = cv2.cvtColor(rgb, cv2.COLOR_RGB2HSV)
    hue = hsv[..., 0].astype(np.int16)
    turned = hue + int(factor * 255)
    hsv[..., 0] = turned % 180
    return cv2.cvtColor(hsv, cv2.COLOR_HSV2RGB).astype(np.float32)


NUMPY2_CURES = {
    'mmaction.datasets.transforms.pose_transforms': import_with_old_names,
    'mmaction.datasets.transforms.processing': import_processing,
    'mmaction.evaluation.functional.accuracy': import_with_old_names,
    'mmaction.evaluation.metrics.multimodal_metric': import_with_old_names,
    'mmaction.utils.misc': import_with_old_names,
}
