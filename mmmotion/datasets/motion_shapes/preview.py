"""A picture of MotionShapes: one row per class, time from left to right."""

from __future__ import annotations

import cv2
import numpy as np

from mmmotion.datasets.motion_shapes.render import LARGEST, clip_rng, draw_clip, draw_scene
from mmmotion.datasets.motion_shapes.spec import MotionShapesSpec

__all__ = ['draw_preview']

CELL, GAP, TEXT, FRAMES = 112, 4, 190, 7
DARK = (40, 40, 40)


def draw_preview(spec: MotionShapesSpec, split: str = 'train') -> np.ndarray:
    """Draw a clip of each class of a split, the first whose patch does not go round.

    Returns:
        (rows, columns, 3), uint8, BGR: a row per class, with its name, then frames a few apart.
    """
    rows = [_draw_row(spec, split, label) for label in range(len(spec.classes))]
    return np.concatenate([_draw_times(spec), *rows])


def _times(spec: MotionShapesSpec) -> np.ndarray:
    return np.linspace(0, min(spec.num_frames - 1, 3 * (FRAMES - 1)), FRAMES).astype(int)


def _draw_row(spec: MotionShapesSpec, split: str, label: int) -> np.ndarray:
    index = _find_whole(spec, split, label)
    clip = draw_clip(spec, label, clip_rng(spec, split, index))
    name = spec.classes[label].replace('_', ' ')
    cells = [_text(name, CELL)] + [_frame(clip[time]) for time in _times(spec)]
    return np.concatenate(cells, axis=1)


def _find_whole(spec: MotionShapesSpec, split: str, label: int) -> int:
    """Return the first clip of a class whose patch stays inside, or the first one at all."""
    candidates = range(label, spec.num_clips(split), len(spec.classes))
    return next((i for i in candidates if _is_whole(spec, split, i, label)), label)


def _is_whole(spec: MotionShapesSpec, split: str, index: int, label: int) -> bool:
    scene = draw_scene(spec, spec.classes[label], clip_rng(spec, split, index))
    x_y_size = scene.states(spec.num_frames)[_times(spec)][:, [0, 1, 3]]
    steps = np.abs(np.diff(x_y_size, axis=0))  # large where a coordinate goes round
    margin = np.minimum(x_y_size, 1 - x_y_size)[:, :2].min()
    return bool(steps.max() < 0.5 and margin > LARGEST / 4)


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
