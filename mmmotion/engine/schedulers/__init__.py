"""Parameter schedulers."""

from mmmotion.engine.schedulers.branch import (
    BranchCosineAnnealingLR,
    BranchLinearLR,
    BranchMultiStepLR,
)

__all__ = ['BranchCosineAnnealingLR', 'BranchLinearLR', 'BranchMultiStepLR']
