"""Classification heads."""

from .off_head import OFFHead
from .vap_head import VAPHead

__all__ = ['OFFHead', 'VAPHead']
