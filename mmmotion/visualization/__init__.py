"""Pictures of what the operators see."""

from .motion_maps import draw_frames_over_maps
from .timescale_weights import draw_timescale_weights

__all__ = ['draw_frames_over_maps', 'draw_timescale_weights']
