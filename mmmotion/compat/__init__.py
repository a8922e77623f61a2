"""Cures for what is broken in the stack under mmmotion, each applied only where it is broken.

Importing mmmotion calls :func:`apply_cures`. Nothing heavy is imported here: what concerns a
module of another package waits, as an import hook, until somebody imports that module. The cures
stand in the modules here, each with its symptom and its cause:

| symptom | module | cured when |
| --- | --- | --- |
"""

import sys

from .around_import import AroundImport
from .checkpoints import CHECKPOINT_CURES, allow_mmengine_globals
from .config_names import CONFIG_CURES
from .messages import MESSAGE_CURES, ignore_harmless_warnings, warn_without_pkg_resources
from .mmaction_modules import DRN, MMACTION_CURES, MissingModules
from .numpy2 import NUMPY2_CURES
from .torchvision_operators import TORCHVISION_CURES
from .tsm_rates import TSM_CURES

__all__ = ['DRN', 'apply_cures']

_MISSING = MissingModules()
_HOOK = AroundImport(
    {
        **TORCHVISION_CURES,
        **NUMPY2_CURES,
        **MMACTION_CURES,
        **CONFIG_CURES,
        **MESSAGE_CURES,
        **CHECKPOINT_CURES,
        **TSM_CURES,
    }
)


def apply_cures() -> None:
    """Apply every cure; a second call changes nothing."""
    allow_mmengine_globals()
    warn_without_pkg_resources()
    ignore_harmless_warnings()
    if _HOOK not in sys.meta_path:
        sys.meta_path.insert(0, _HOOK)
        sys.meta_path.append(_MISSING)  # last: a module that exists is found before
    for name in _HOOK.cures:  # too late for the hook: run its cure around nothing
        if name in sys.modules:
            _HOOK.cures[name](lambda module: None, sys.modules[name])
