"""What the runner needs beyond the model: hooks and optimizer wrappers."""

from .hooks import CheckpointMatchHook
from .optimizers import BFloat16OptimWrapper

__all__ = ['BFloat16OptimWrapper', 'CheckpointMatchHook']
