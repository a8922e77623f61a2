"""What happens to a batch before the network sees it."""

from .residual import ResidualDataPreprocessor

__all__ = ['ResidualDataPreprocessor']
