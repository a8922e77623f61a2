"""Hooks."""

from mmmotion.engine.hooks.branch_schedule import BranchScheduleHook
from mmmotion.engine.hooks.checkpoint_match import CheckpointMatchHook
from mmmotion.engine.hooks.epoch_seed import EpochSeedHook
from mmmotion.engine.hooks.fast_models import ChannelsLastHook, FastInferenceHook
from mmmotion.engine.hooks.show_predictions import ShowPredictionsHook

__all__ = [
    'BranchScheduleHook',
    'ChannelsLastHook',
    'CheckpointMatchHook',
    'EpochSeedHook',
    'FastInferenceHook',
    'ShowPredictionsHook',
]
