"""Optimizer wrappers and their constructors."""

from .bfloat16 import BFloat16OptimWrapper
from .branch_constructor import BranchOptimWrapperConstructor
from .tsm_constructor import TSMOptimWrapperConstructor

__all__ = [
    'BFloat16OptimWrapper',
    'BranchOptimWrapperConstructor',
    'TSMOptimWrapperConstructor',
]
