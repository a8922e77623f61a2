"""Hooks."""

from .checkpoint_match import CheckpointMatchHook

__all__ = ['CheckpointMatchHook']
