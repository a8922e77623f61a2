"""Optimizer wrappers and their constructors."""

from mmmotion.engine.optimizers.bfloat16 import BFloat16OptimWrapper
from mmmotion.engine.optimizers.branch_constructor import BranchOptimWrapperConstructor
from mmmotion.engine.optimizers.tsm_constructor import TSMOptimWrapperConstructor

__all__ = [
    'BFloat16OptimWrapper',
    'BranchOptimWrapperConstructor',
    'TSMOptimWrapperConstructor',
]
