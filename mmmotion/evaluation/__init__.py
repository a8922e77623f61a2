"""Metrics."""

from mmmotion.evaluation.branch_metric import BranchAccMetric

__all__ = ['BranchAccMetric']
