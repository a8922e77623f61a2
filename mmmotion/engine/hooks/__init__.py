"""Hooks."""

from .branch_schedule import BranchScheduleHook
from .checkpoint_match import CheckpointMatchHook
from .epoch_seed import EpochSeedHook
from .fast_models import ChannelsLastHook, FastInferenceHook
from .show_predictions import ShowPredictionsHook

__all__ = [
    'BranchScheduleHook',
    'ChannelsLastHook',
    'CheckpointMatchHook',
    'EpochSeedHook',
    'FastInferenceHook',
    'ShowPredictionsHook',
]
