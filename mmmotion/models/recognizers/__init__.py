"""Recognisers."""

from mmmotion.models.recognizers.branch_recognizer import BranchRecognizer
from mmmotion.models.recognizers.off_recognizer import OFFRecognizer
from mmmotion.models.recognizers.selection import pick_branch, pick_recognizer, score_views

__all__ = ['BranchRecognizer', 'OFFRecognizer', 'pick_branch', 'pick_recognizer', 'score_views']
