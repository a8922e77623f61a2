"""Hooks."""

from .branch_schedule import BranchScheduleHook
from .checkpoint_match import CheckpointMatchHook
from .epoch_seed import EpochSeedHook

__all__ = ['CheckpointMatchHook', 'EpochSeedHook', 'BranchScheduleHook']
