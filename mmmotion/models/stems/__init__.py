"""Stems: what the branches of a recogniser share."""

from .dynamics_stem import Dynamics, DynamicsStem

__all__ = ['Dynamics', 'DynamicsStem']
