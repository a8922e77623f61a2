"""What the runner needs beyond the model: hooks, optimizer wrappers, schedulers."""

from mmmotion.engine.hooks import (
    BranchScheduleHook,
    ChannelsLastHook,
    CheckpointMatchHook,
    EpochSeedHook,
    FastInferenceHook,
)
from mmmotion.engine.optimizers import (
    BFloat16OptimWrapper,
    BranchOptimWrapperConstructor,
    TSMOptimWrapperConstructor,
)
from mmmotion.engine.schedulers import BranchCosineAnnealingLR, BranchLinearLR, BranchMultiStepLR

__all__ = [
    'BFloat16OptimWrapper',
    'BranchCosineAnnealingLR',
    'BranchLinearLR',
    'BranchMultiStepLR',
    'BranchOptimWrapperConstructor',
    'BranchScheduleHook',
    'ChannelsLastHook',
    'CheckpointMatchHook',
    'EpochSeedHook',
    'FastInferenceHook',
    'TSMOptimWrapperConstructor',
]
