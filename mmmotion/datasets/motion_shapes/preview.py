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
    last = min(spec.num_frames - 1, 3 * (NUM_FRAMES - 1))
    times = np.linspace(0, last, NUM_FRAMES).astype(int)
    header = [_draw_text('', LINE, TEXT)]
    header += [_draw_text(f't = {time}', LINE, CELL + GAP) for time in times]
    rows = [np.concatenate(header, axis=1)]
    for label, name in enumerate(spec.classes):
        index = _choose_clip(spec, split, label, times)
        clip = draw_clip(spec, label, clip_rng(spec, split, index))
        cells = [_draw_text(name.replace('_', ' '), CELL + GAP, TEXT)]
        for time in times:
            cells.append(_enlarge(clip[time]))
        rows.append(np.concatenate(cells, axis=1))
    return np.concatenate(rows)


def _choose_clip(spec: MotionShapesSpec, split: str, label: int, times: np.ndarray) -> int:
    """Return the first clip of a class whose patch stays inside, or the first one at all."""
    for index in range(label, spec.num_clips(split), len(spec.classes)):
        rng = clip_rng(spec, split, index)
        scene = draw_scene(spec, spec.classes[label], rng)
        states = scene.states(spec.num_frames)[times]
        x_y_size = states[:, [0, 1, 3]]
        position = states[:, :2]
        steps = np.diff(x_y_size, axis=0)
        goes_round = np.abs(steps).max() >= 0.5  # a coordinate jumps where it goes round
        margin = np.minimum(position, 1 - position).min()
        if not goes_round and margin > LARGEST / 4:
            return index
    return label


def _enlarge(frame: np.ndarray) -> np.ndarray:
    """Return a frame as a cell of the picture, with a gap on its right and below it."""
    large = cv2.resize(frame, (CELL, CELL), interpolation=cv2.INTER_CUBIC)
    return cv2.copyMakeBorder(large, 0, GAP, 0, GAP, cv2.BORDER_CONSTANT, value=WHITE)


def _draw_text(text: str, height: int, width: int) -> np.ndarray:
    image = np.full((height, width, 3), 255, np.uint8)
    baseline = (8, min(height, CELL) // 2 + 6)
    return cv2.putText(image, text, baseline, cv2.FONT_HERSHEY_SIMPLEX, 0.5, DARK, 1, cv2.LINE_AA)
