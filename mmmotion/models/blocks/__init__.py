"""Parts of networks that are no network of their own."""

from mmmotion.models.blocks.off_unit import OFFUnit
from mmmotion.models.blocks.pool_pairs import PoolPairs
from mmmotion.models.blocks.repflow_block import RepFlowBlock

__all__ = ['OFFUnit', 'PoolPairs', 'RepFlowBlock']
