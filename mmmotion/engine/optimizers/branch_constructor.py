"""Parameter groups that know their branch, so that each branch can follow its own schedule."""

import re

from mmengine.optim import DefaultOptimWrapperConstructor, OptimWrapper
from torch import nn

from mmmotion.registry import OPTIM_WRAPPER_CONSTRUCTORS

__all__ = ['BranchOptimWrapperConstructor']


@OPTIM_WRAPPER_CONSTRUCTORS.register_module()
class BranchOptimWrapperConstructor(DefaultOptimWrapperConstructor):
    """``DefaultOptimWrapperConstructor`` for a ``BranchRecognizer``.

    Each group gets a key ``branch``, the branch's name, or None where a parameter is in none. Rates
    that differ between branches are ``paramwise_cfg``'s: ``custom_keys={'branches.pa.':
    dict(lr_mult=5)}``.

    Raises:
        ValueError: ``paramwise_cfg`` has ``fc_lr5``, which ``TSMOptimWrapperConstructor`` takes.
    """

    def __init__(self, optim_wrapper_cfg: dict, paramwise_cfg: dict | None = None) -> None:
        if paramwise_cfg and 'fc_lr5' in paramwise_cfg:  # MMEngine would leave it out silently
            raise ValueError(
                "constructor: expected 'mmmotion.TSMOptimWrapperConstructor' with fc_lr5 in "
                f"paramwise_cfg, got 'mmmotion.{type(self).__name__}'"
            )
        # Only with some paramwise_cfg does each parameter get a group.
        super().__init__(optim_wrapper_cfg, paramwise_cfg or dict(custom_keys={}))

    def __call__(self, model: nn.Module) -> OptimWrapper:
        wrapper = super().__call__(model)
        names = {parameter: name for name, parameter in model.named_parameters()}
        for group in wrapper.optimizer.param_groups:
            first = group['params'][0]
            name = names[first]
            # In a recogniser of branches, which may be the ``module`` of a parallel wrapper.
            match = re.search(r'(?:^|\.)branches\.([^.]+)', name)
            group['branch'] = match.group(1) if match else None
        return wrapper
