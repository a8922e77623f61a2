"""The operators on plain tensors: functions, and the modules that hold their weights."""

from mmmotion.ops.cost_volume import CostVolume, cost_volume
from mmmotion.ops.displacement import DisplacementMap, displacement_map
from mmmotion.ops.feature_scale import scale_features
from mmmotion.ops.gradients import spatial_gradients
from mmmotion.ops.off import Off, off
from mmmotion.ops.persistence import (
    RELEASED_OFFSET,
    PersistenceOfAppearance,
    attend_persistence,
    persistence_of_appearance,
)
from mmmotion.ops.representation_flow import RepresentationFlow, representation_flow
from mmmotion.ops.residual import ResidualFrames, residual_frames
from mmmotion.ops.temporal_shift import temporal_shift
from mmmotion.ops.timescale import (
    TimescaleAggregation,
    TimescaleAverage,
    TimescalePool,
    pyramid_timescales,
    timescale_pool,
)
from mmmotion.ops.warp import warp, warped_difference

__all__ = [
    'RELEASED_OFFSET',
    'CostVolume',
    'DisplacementMap',
    'Off',
    'PersistenceOfAppearance',
    'RepresentationFlow',
    'ResidualFrames',
    'TimescaleAggregation',
    'TimescaleAverage',
    'TimescalePool',
    'attend_persistence',
    'cost_volume',
    'displacement_map',
    'off',
    'persistence_of_appearance',
    'pyramid_timescales',
    'representation_flow',
    'residual_frames',
    'scale_features',
    'spatial_gradients',
    'temporal_shift',
    'timescale_pool',
    'warp',
    'warped_difference',
]
