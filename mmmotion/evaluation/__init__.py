"""Metrics, and what saved scores tell: their fusion, accuracies by class, learning curves."""

from mmmotion.evaluation.branch_metric import BranchAccMetric

__all__ = ['BranchAccMetric']
