"""Pictures of what operators and recognisers see."""

from .class_difference import draw_class_differences
from .first_filters import draw_filters, filter_pictures, temporal_change
from .motion_maps import draw_frames_over_maps
from .timescale_weights import draw_timescale_weights

__all__ = [
    'draw_class_differences',
    'draw_filters',
    'draw_frames_over_maps',
    'draw_timescale_weights',
    'filter_pictures',
    'temporal_change',
]
