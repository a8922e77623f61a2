"""A cure for MMAction2 and mmpretrain beside a transformers of today."""

from collections.abc import Callable
from importlib import import_module
from types import ModuleType

__all__ = ['MULTIMODAL_CURES']


def _import_dependency(exec_module: Callable[[ModuleType], None], module: ModuleType) -> None:
    """Leave the multimodal models out where the installed transformers cannot run them.

    Symptom: ``import mmaction.models`` fails, transformers.modeling_utils has no
    ``apply_chunking_to_forward``. Cause: any transformers from 4.28 on is taken for one that will
    do, and version 5 took the function away. Without the models there are placeholders that say
    what to install, as without transformers.
    """
    exec_module(module)
    if module.WITH_MULTIMODAL:
        transformers = import_module('transformers.modeling_utils')
        module.WITH_MULTIMODAL = hasattr(transformers, 'apply_chunking_to_forward')


MULTIMODAL_CURES = {
    'mmaction.utils.dependency': _import_dependency,
    'mmpretrain.utils.dependency': _import_dependency,
}
