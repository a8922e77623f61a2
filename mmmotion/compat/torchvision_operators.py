"""A cure that lets torchvision be imported whose compiled operators cannot be loaded."""

import re
import sys
from collections.abc import Callable
from functools import cache
from pathlib import Path
from types import ModuleType

import torch

__all__ = ['TORCHVISION_CURES']


def _import_torchvision(exec_module: Callable[[ModuleType], None], module: ModuleType) -> None:
    """Import torchvision, if need be without its compiled operators.

    Symptom: ``RuntimeError: operator torchvision::nms does not exist``, no ``ImportError``, so
    the guards of mmaction2 miss it. Cause: the compiled half of a wheel built for another torch
    cannot be loaded, yet the Python half attaches fake kernels to the operators it would define.
    """
    try:
        exec_module(module)
    except RuntimeError as error:
        missing = re.findall(r'operator torchvision::(\w+) does not exist', str(error))
        if not missing:
            raise
        _define_operators({*missing, *_faked_operators(module)})
        _forget_submodules(module)
        exec_module(module)


def _faked_operators(package: ModuleType) -> set[str]:
    """Names to which torchvision attaches fake kernels without asking if they exist."""
    source = Path(package.__path__[0], '_meta_registrations.py')
    text = source.read_text(encoding='utf-8') if source.is_file() else ''
    return set(re.findall(r'[\'"]torchvision::(\w+)[\'"]', text))


def _define_operators(names: set[str]) -> None:
    """Define operators that have a schema and no kernel: calling one is an error of torch.

    Not those that torchvision leaves alone without its compiled half: where ``roi_align`` exists,
    torch.compile takes it for usable.
    """
    for name in sorted(names):
        if not hasattr(torch.ops.torchvision, name):
            _library().define(f'{name}(Tensor dets, Tensor scores, float iou_threshold) -> Tensor')


@cache
def _library() -> torch.library.Library:
    """The one that holds our definitions: kept, since they vanish with it."""
    return torch.library.Library('torchvision', 'FRAGMENT')


def _forget_submodules(package: ModuleType) -> None:
    """Drop what a failed import left, in ``sys.modules`` and as attributes of the package."""
    prefix = f'{package.__name__}.'
    for name in [name for name in sys.modules if name.startswith(prefix)]:
        del sys.modules[name]
        vars(package).pop(name.removeprefix(prefix), None)


TORCHVISION_CURES = {'torchvision': _import_torchvision}
