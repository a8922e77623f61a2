"""Pictures of what the operators see."""

from .motion_maps import draw_frames_over_maps

__all__ = ['draw_frames_over_maps']
