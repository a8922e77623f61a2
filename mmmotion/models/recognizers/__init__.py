"""Recognisers."""

from .branch_recognizer import BranchRecognizer

__all__ = ['BranchRecognizer']
