"""Optimizer wrappers and their constructors."""

from .bfloat16 import BFloat16OptimWrapper
from .branch_constructor import BranchOptimWrapperConstructor

__all__ = ['BFloat16OptimWrapper', 'BranchOptimWrapperConstructor']
