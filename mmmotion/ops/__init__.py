"""The operators on plain tensors: functions, and the modules that hold their weights."""

from .persistence import (
    RELEASED_OFFSET,
    PersistenceOfAppearance,
    attend_persistence,
    persistence_of_appearance,
)
from .temporal_shift import temporal_shift
from .timescale import (
    TimescaleAggregation,
    TimescaleAverage,
    TimescalePool,
    pyramid_timescales,
    timescale_pool,
)

__all__ = [
    'RELEASED_OFFSET',
    'PersistenceOfAppearance',
    'TimescaleAggregation',
    'TimescaleAverage',
    'TimescalePool',
    'attend_persistence',
    'persistence_of_appearance',
    'pyramid_timescales',
    'temporal_shift',
    'timescale_pool',
]
