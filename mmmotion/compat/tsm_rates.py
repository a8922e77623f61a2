"""A cure that lets MMAction2's constructor of TSM's rates say what it cannot place."""

from collections.abc import Callable
from functools import wraps
from types import ModuleType
from typing import Any

from torch import nn

__all__ = ['TSM_CURES']


def import_tsm_constructor(exec_module: Callable[[ModuleType], None], module: ModuleType) -> None:
    """Let ``TSMOptimWrapperConstructor`` refuse a model of which it misjudges a part.

    Symptom: of several branches only the last one's classifier gets ``fc_lr5``, and parameters of
    a module with children never train, both without a word; ``New atomic module type`` for
    representation flow, without a word how to go on.
    Cause: it takes the last layer of a model for the classifier, and knows nothing but
    convolutions, linear layers and norms.
    """
    exec_module(module)
    constructor: Any = module.TSMOptimWrapperConstructor  # type: ignore[attr-defined]
    add_known_params = constructor.add_params
    if hasattr(add_known_params, '__wrapped__'):
        return

    @wraps(add_known_params)
    def add_params(self: Any, params: list[dict], model: nn.Module, **kwargs: Any) -> None:
        from mmmotion.engine.optimizers.tsm_constructor import find_misjudged

        misjudged = find_misjudged(model, fc_lr5=self.paramwise_cfg.get('fc_lr5', False))
        if misjudged:
            raise ValueError(
                "constructor: expected 'mmmotion.TSMOptimWrapperConstructor', which takes the same "
                f"paramwise_cfg, got MMAction2's, which {misjudged}"
            )
        add_known_params(self, params, model, **kwargs)

    constructor.add_params = add_params


TSM_CURES = {'mmaction.engine.optimizers.tsm_optim_wrapper_constructor': import_tsm_constructor}
