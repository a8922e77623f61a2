"""A picture of MotionShapes: one row per class, time from left to right."""

import cv2
import numpy as np

from mmmotion.datasets.motion_shapes.render import LARGEST, clip_rng, draw_clip, draw_scene
from mmmotion.datasets.motion_shapes.spec import MotionShapesSpec

__all__ = ['draw_preview']

CELL = 112  # side of a frame in the picture, in pixels
GAP = 4  # between frames
TEXT = 190  # width of the names
LINE = 28  # height of the times
NUM_FRAMES = 7
DARK = (40, 40, 40)
WHITE = (255, 255, 255)


def draw_preview(spec: MotionShapesSpec, split: str = 'train') -> np.ndarray:
    """Draw a clip of each class of a split, the first whose patch does not go round.

    Returns:
        (rows, columns, 3), uint8, BGR: a row per class, with its name, then frames a few apart.
    """
    step = 3  # frames between two that are shown, if the clip is long enough
    last = min(spec.num_frames - 1, step * (NUM_FRAMES - 1))
    times = np.linspace(0, last, NUM_FRAMES)
    times = times.astype(int)
    header = [_draw_text('', LINE, TEXT)]
    for time in times:
        cell = _draw_text(f't = {time}', LINE, CELL + GAP)
        header.append(cell)
    rows = [np.hstack(header)]
    for label, name in enumerate(spec.classes):
        index = _choose_clip(spec, split, label, times)
        rng = clip_rng(spec, split, index)
        clip = draw_clip(spec, label, rng)
        words = name.replace('_', ' ')
        row = [_draw_text(words, CELL + GAP, TEXT)]
        for frame in clip[times]:
            large = cv2.resize(frame, (CELL, CELL), interpolation=cv2.INTER_CUBIC)
            # A gap on its right and below it.
            cell = cv2.copyMakeBorder(large, 0, GAP, 0, GAP, cv2.BORDER_CONSTANT, value=WHITE)
            row.append(cell)
        rows.append(np.hstack(row))
    return np.vstack(rows)


def _choose_clip(spec: MotionShapesSpec, split: str, label: int, times: np.ndarray) -> int:
    """Return the first clip of a class whose patch stays inside, or the first one at all."""
    for index in range(label, spec.num_clips(split), len(spec.classes)):
        rng = clip_rng(spec, split, index)
        scene = draw_scene(spec, spec.classes[label], rng)
        states = scene.states(spec.num_frames)
        states = states[times]  # (7, 4)
        steps = np.diff(states, axis=0)
        jumps = np.abs(steps) >= 0.5  # a coordinate jumps where it goes round
        jumps[:, 2] = False  # an angle may go round
        positions = states[:, :2]
        margins = np.minimum(positions, 1 - positions)
        if not jumps.any() and margins.min() > LARGEST / 4:
            return index
    return label


def _draw_text(text: str, height: int, width: int) -> np.ndarray:
    image = np.full((height, width, 3), 255, np.uint8)
    middle = min(height, CELL) // 2
    left_of_baseline = (8, middle + 6)
    font = cv2.FONT_HERSHEY_SIMPLEX
    return cv2.putText(image, text, left_of_baseline, font, 0.5, DARK, 1, cv2.LINE_AA)
