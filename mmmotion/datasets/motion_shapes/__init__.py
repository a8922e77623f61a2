"""MotionShapes, the embedded data set: eight motions that no single frame gives away."""

from mmmotion.datasets.motion_shapes.files import make_motion_shapes, print_progress
from mmmotion.datasets.motion_shapes.preview import draw_preview
from mmmotion.datasets.motion_shapes.render import (
    Scene,
    clip_rng,
    draw_clip,
    draw_scene,
    render_scene,
)
from mmmotion.datasets.motion_shapes.spec import CLASSES, SPLITS, MotionShapesSpec

__all__ = [
    'CLASSES',
    'SPLITS',
    'MotionShapesSpec',
    'Scene',
    'clip_rng',
    'draw_clip',
    'draw_preview',
    'draw_scene',
    'make_motion_shapes',
    'print_progress',
    'render_scene',
]
