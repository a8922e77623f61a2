"""Recognisers."""

from .branch_recognizer import BranchRecognizer
from .off_recognizer import OFFRecognizer

__all__ = ['BranchRecognizer', 'OFFRecognizer']
