"""A picture of MotionShapes: one row per class, time from left to right."""

from __future__ import annotations

import cv2
import numpy as np

from .render import clip_rng, draw_clip
from .spec import MotionShapesSpec

__all__ = ['draw_preview']

CELL, GAP, TEXT, FRAMES = 112, 4, 190, 7
DARK = (40, 40, 40)


def draw_preview(spec: MotionShapesSpec, split: str = 'train') -> np.ndarray:
    """Draw the first clip of each class of a split.

    Returns:
        (rows, columns, 3), uint8, BGR: a row per class, with its name, then frames a few apart.
    """
    rows = [_draw_row(spec, split, label) for label in range(len(spec.classes))]
    return np.concatenate([_draw_times(spec), *rows])


def _times(spec: MotionShapesSpec) -> np.ndarray:
    # Close enough for the eye to follow, also where the patch goes round.
    return np.arange(0, spec.num_frames, 2)[:FRAMES]


def _draw_row(spec: MotionShapesSpec, split: str, label: int) -> np.ndarray:
    clip = draw_clip(spec, label, clip_rng(spec, split, label))
    name = spec.classes[label].replace('_', ' ')
    cells = [_text(name, CELL)] + [_frame(clip[time]) for time in _times(spec)]
    return np.concatenate(cells, axis=1)


def _draw_times(spec: MotionShapesSpec) -> np.ndarray:
    height = 28
    cells = [_text(f't = {time}', height, CELL + GAP) for time in _times(spec)]
    return np.concatenate([_text('', height), *cells], axis=1)


def _frame(frame: np.ndarray) -> np.ndarray:
    large = cv2.resize(frame, (CELL, CELL), interpolation=cv2.INTER_CUBIC)
    return cv2.copyMakeBorder(large, 0, GAP, 0, GAP, cv2.BORDER_CONSTANT, value=(255, 255, 255))


def _text(text: str, height: int, width: int = TEXT) -> np.ndarray:
    image = np.full((height + GAP * (height == CELL), width, 3), 255, np.uint8)
    place = (8, height // 2 + 6)
    return cv2.putText(image, text, place, cv2.FONT_HERSHEY_SIMPLEX, 0.5, DARK, 1, cv2.LINE_AA)
