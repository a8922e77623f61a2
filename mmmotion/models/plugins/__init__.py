"""What stands between the stages of a backbone."""

from .repflow_block import RepFlowBlock

__all__ = ['RepFlowBlock']
