"""Classification heads."""

from .vap_head import VAPHead

__all__ = ['VAPHead']
