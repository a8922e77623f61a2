"""Pictures of what operators and recognisers see."""

from mmmotion.visualization.class_difference import draw_class_differences
from mmmotion.visualization.clip_frames import (
    clip_pictures,
    find_numbers,
    frame_indices,
    match_frames,
    time_labels,
)
from mmmotion.visualization.displacements import draw_displacements, paint_difference
from mmmotion.visualization.first_filters import draw_filters, filter_pictures, temporal_change
from mmmotion.visualization.flow_wheel import flow_to_rgb, flow_wheel
from mmmotion.visualization.grad_cam import GradCAM, last_map, watch_maps
from mmmotion.visualization.heat_maps import draw_heat_maps, overlay
from mmmotion.visualization.learning_curves import draw_curves
from mmmotion.visualization.motion_maps import draw_frames, draw_frames_over_maps
from mmmotion.visualization.off_maps import draw_off
from mmmotion.visualization.seen_motion import SeenMotion, first_motion, watch_motion
from mmmotion.visualization.timescale_weights import draw_timescale_weights

__all__ = [
    'GradCAM',
    'SeenMotion',
    'clip_pictures',
    'draw_class_differences',
    'draw_displacements',
    'draw_curves',
    'draw_filters',
    'draw_frames',
    'draw_frames_over_maps',
    'draw_heat_maps',
    'draw_off',
    'draw_timescale_weights',
    'filter_pictures',
    'find_numbers',
    'first_motion',
    'flow_to_rgb',
    'flow_wheel',
    'frame_indices',
    'last_map',
    'match_frames',
    'overlay',
    'paint_difference',
    'temporal_change',
    'time_labels',
    'watch_maps',
    'watch_motion',
]
