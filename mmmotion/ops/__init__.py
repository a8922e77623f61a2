"""The operators on plain tensors: functions, and the modules that hold their weights."""

from .cost_volume import CostVolume, cost_volume
from .displacement import DisplacementMap, displacement_map
from .feature_scale import scale_features
from .gradients import spatial_gradients
from .off import Off, off
from .persistence import (
    RELEASED_OFFSET,
    PersistenceOfAppearance,
    attend_persistence,
    persistence_of_appearance,
)
from .representation_flow import RepresentationFlow, representation_flow
from .residual import ResidualFrames, residual_frames
from .temporal_shift import temporal_shift
from .timescale import (
    TimescaleAggregation,
    TimescaleAverage,
    TimescalePool,
    pyramid_timescales,
    timescale_pool,
)
from .warp import warp, warped_difference

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
