"""Cures for checkpoints: what mmengine writes can be read, and no code in a file is run."""

import importlib.util
import inspect
import pickle
from collections.abc import Callable
from functools import partial
from types import ModuleType
from typing import Any

import numpy as np
import torch

from mmmotion.compat.saved_arrays import DTYPE_CLASSES, SAVED_ARRAYS

__all__ = ['CHECKPOINT_CURES', 'allow_mmengine_globals']

_METHODS: dict[type, tuple[str, ...]] = {}


def allow_mmengine_globals() -> None:
    """Let ``weights_only=True`` read what mmengine itself puts into a checkpoint.

    Symptom: resuming or testing any checkpoint fails with ``Weights only load failed``.
    Cause: torch >= 2.6 reads weights only, and the message hub in mmengine's checkpoints holds
    ``HistoryBuffer``, its methods, and numpy arrays and scalars. Other globals are still refused,
    and nothing of NumPy can be called: see :mod:`mmmotion.compat.saved_arrays`.
    """
    if importlib.util.find_spec('mmengine') is None:  # whoever wants the operators alone
        return
    from mmengine.logging import HistoryBuffer

    allowed: list[Any] = [(stand_in, name) for name, stand_in in SAVED_ARRAYS.items()]
    # torch gives an object its state only if its class is allowed, and calls what is allowed. It
    # looks up "module.name", so that what has no dot in its name cannot be asked for, or called.
    for cls in (np.ndarray, *DTYPE_CLASSES):
        allowed.append((cls, f'a class without call: {cls.__name__}'))
    torch.serialization.add_safe_globals(allowed)
    _allow_methods(HistoryBuffer, 'min', 'max', 'current', 'mean')


def _allow_methods(owner: type, *names: str) -> None:
    """Let a checkpoint hold instances and these methods of a class."""
    _METHODS[owner] = names
    # pickle writes a method down as a call of getattr, which could reach into any object
    torch.serialization.add_safe_globals([owner, (_allowed_method, 'builtins.getattr')])


def _allowed_method(owner: Any, name: str) -> Callable[..., Any]:
    """Stand in for ``getattr`` while a checkpoint is read."""
    if not isinstance(owner, type) or name not in _METHODS.get(owner, ()):
        raise pickle.UnpicklingError(
            f'a checkpoint may hold methods of {[cls.__name__ for cls in _METHODS]} that mmengine '
            f'itself writes, got {name!r} of {owner!r}.'
        )
    return getattr(owner, name)


def import_scheduler(exec_module: Callable[[ModuleType], None], module: ModuleType) -> None:
    """Let a checkpoint hold the state of ``OneCycleLR``, which mmengine saves with a function."""
    exec_module(module)
    _allow_methods(module.OneCycleParamScheduler, '_annealing_cos', '_annealing_linear')


def import_checkpoint(exec_module: Callable[[ModuleType], None], module: ModuleType) -> None:
    """Make ``load_from='https://...'`` as strict as a local file.

    Symptom: code in a checkpoint runs if, and only if, the checkpoint comes from a URL.
    Cause: mmengine leaves ``weights_only`` to torch, whose ``load_url`` still defaults to False.
    """
    exec_module(module)
    load_url: Any = module.load_url
    parameter = inspect.signature(load_url).parameters.get('weights_only')
    if parameter is not None and parameter.default is False:
        module.load_url = partial(load_url, weights_only=True)  # type: ignore[attr-defined]


CHECKPOINT_CURES = {
    'mmengine.runner.checkpoint': import_checkpoint,
    'mmengine.optim.scheduler.param_scheduler': import_scheduler,
}
