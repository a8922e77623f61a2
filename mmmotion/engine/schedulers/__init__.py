"""Parameter schedulers."""

from .branch import BranchCosineAnnealingLR, BranchLinearLR, BranchMultiStepLR

__all__ = ['BranchCosineAnnealingLR', 'BranchLinearLR', 'BranchMultiStepLR']
