"""Classification heads."""

from mmmotion.models.heads.off_head import OFFHead
from mmmotion.models.heads.vap_head import VAPHead

__all__ = ['OFFHead', 'VAPHead']
