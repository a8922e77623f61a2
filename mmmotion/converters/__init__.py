"""Released weights, turned into checkpoints of ours; the tools of ``tools/convert`` call these."""

from mmmotion.converters.common import check_out, read_released

__all__ = ['check_out', 'read_released']
