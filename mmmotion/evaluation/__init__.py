"""Metrics."""

from .branch_metric import BranchAccMetric

__all__ = ['BranchAccMetric']
