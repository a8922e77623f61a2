"""Cures for what is broken in the stack under mmmotion, each applied only where it is broken.

Importing mmmotion calls :func:`apply_cures`. Nothing heavy is imported here: what concerns a
module of another package waits, as an import hook, until somebody imports that module.
"""

import importlib.abc
import importlib.machinery
import importlib.util
import inspect
import pickle
import re
import sys
import warnings
from collections.abc import Callable, Sequence
from functools import cache, partial
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import torch
from mmengine.logging import HistoryBuffer

from .config_names import CONFIG_CURES
from .numpy2 import NUMPY2_CURES
from .saved_arrays import DTYPE_CLASSES, SAVED_ARRAYS
from .tsm_rates import TSM_CURES

__all__ = ['DRN', 'apply_cures']


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


def allow_mmengine_globals() -> None:
    """Let ``weights_only=True`` read what mmengine itself puts into a checkpoint.

    Symptom: resuming or testing any checkpoint fails with ``Weights only load failed``.
    Cause: torch >= 2.6 reads weights only, and the message hub in mmengine's checkpoints holds
    ``HistoryBuffer``, its methods, and numpy arrays and scalars. Other globals are still refused,
    and nothing of NumPy can be called: see :mod:`mmmotion.compat.saved_arrays`.
    """
    names = [(stand_in, name) for name, stand_in in SAVED_ARRAYS.items()]
    # torch gives an object its state only if its class is allowed, and calls what is allowed. It
    # looks up "module.name", so that what has no dot in its name cannot be asked for, or called.
    classes = [
        (cls, f'a class without call: {cls.__name__}') for cls in [np.ndarray, *DTYPE_CLASSES]
    ]
    torch.serialization.add_safe_globals([*names, *classes])
    _allow_methods(HistoryBuffer, 'min', 'max', 'current', 'mean')


def warn_without_pkg_resources() -> None:
    """Say what to install where ``pkg_resources`` is gone.

    Symptom: a config with ``_base_ = 'mmaction::...'`` fails, no module ``pkg_resources``.
    Cause: mmengine looks packages up with it, and newer versions of setuptools dropped it.
    """
    if importlib.util.find_spec('pkg_resources') is None:
        warnings.warn(
            'mmengine needs pkg_resources to look packages up, and no installed package provides '
            "it: pip install 'setuptools<81'.",
            stacklevel=3,
        )


def ignore_harmless_warnings() -> None:
    """Ignore what the stack warns of and no user can or need do anything about.

    Symptom: every run begins with warnings that ``pkg_resources`` is deprecated and that
    ``MultiScaleDeformableAttention`` fails to import.
    Cause: mmengine still looks packages up with the one; mmcv-lite has no operators, of which the
    recognisers here use none. The deprecations of :func:`_import_file_client` are of that kind.
    """
    warnings.filterwarnings('ignore', message='pkg_resources is deprecated')
    warnings.filterwarnings('ignore', message='Fail to import ``MultiScaleDeformableAttention``')


class DRN:
    """Stand-in for the localizer that the wheel of mmaction2 lacks; it cannot be built."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        raise ImportError(
            'DRN needs mmaction.models.localizers.drn, and the installed mmaction2 lacks that '
            'folder: install mmaction2 from its repository, not from its wheel.'
        )


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


class _DRNLoader(importlib.abc.Loader):
    """Fills the stand-in modules; mmaction is being imported whenever this runs."""

    def exec_module(self, module: ModuleType) -> None:
        from mmaction.registry import MODELS

        MODELS.register_module(module=DRN, force=True)
        module.DRN = DRN  # type: ignore[attr-defined]


class _MissingModules(importlib.abc.MetaPathFinder):
    """Provides ``mmaction.models.localizers.drn``, asked only if no other finder has it.

    Symptom: ``import mmaction.models`` fails, no module ``mmaction.models.localizers.drn``.
    Cause: ``localizers/__init__`` imports a folder that was left out of the wheel.
    """

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        package = 'mmaction.models.localizers.drn'
        if fullname not in (package, f'{package}.drn'):
            return None
        return importlib.machinery.ModuleSpec(
            fullname, _DRNLoader(), is_package=fullname == package
        )


class _AroundImport(importlib.abc.MetaPathFinder):
    """Runs a cure around the import of a module, whoever imports it and when.

    Args:
        cures: for a module's name a function of its loader's ``exec_module`` and the module.
    """

    def __init__(self, cures: dict[str, Callable[..., None]]) -> None:
        self.cures = cures

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        if fullname not in self.cures:
            return None
        others = (finder for finder in sys.meta_path if finder is not self)
        finds = (getattr(finder, 'find_spec', None) for finder in others)  # old ones have none
        specs = (find(fullname, path, target) for find in finds if find)
        spec = next((spec for spec in specs if spec is not None), None)
        if spec is not None and spec.loader is not None:
            # on the instance, so that the loader keeps its type and all else it can do
            spec.loader.exec_module = partial(  # type: ignore[method-assign]
                self.cures[fullname], spec.loader.exec_module
            )
        return spec


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


def _import_scheduler(exec_module: Callable[[ModuleType], None], module: ModuleType) -> None:
    """Let a checkpoint hold the state of ``OneCycleLR``, which mmengine saves with a function."""
    exec_module(module)
    _allow_methods(module.OneCycleParamScheduler, '_annealing_cos', '_annealing_linear')


def _import_checkpoint(exec_module: Callable[[ModuleType], None], module: ModuleType) -> None:
    exec_module(module)
    _refuse_code_from_urls(module)


def _refuse_code_from_urls(checkpoint: ModuleType) -> None:
    """Make ``load_from='https://...'`` as strict as a local file.

    Symptom: code in a checkpoint runs if, and only if, the checkpoint comes from a URL.
    Cause: mmengine leaves ``weights_only`` to torch, whose ``load_url`` still defaults to False.
    """
    parameter = inspect.signature(checkpoint.load_url).parameters.get('weights_only')
    if parameter is not None and parameter.default is False:
        checkpoint.load_url = partial(  # type: ignore[attr-defined]
            checkpoint.load_url, weights_only=True
        )


def _import_file_client(exec_module: Callable[[ModuleType], None], module: ModuleType) -> None:
    """Leave out the deprecations of mmengine's file client, which MMAction2 and mmcv still use.

    They are all that this module logs.
    """
    exec_module(module)
    module.print_log = lambda *args, **kwargs: None


def _import_loading(exec_module: Callable[[ModuleType], None], module: ModuleType) -> None:
    exec_module(module)
    _open_videos_by_path(module.DecordInit)


def _open_videos_by_path(init: Any) -> None:
    """Make ``DecordInit`` give decord the path of a local file instead of its bytes.

    Symptom: a truncated AVI or WebM file ends training, test and demo by a segmentation fault, and
    a pipe never opens. Cause: decord's constructor, given bytes, and a file read without a look.
    A cure and no transform of ours: MMAction2's demos and inferencer know its decoders by name.
    """
    open_bytes = init._get_video_reader
    if open_bytes.__module__ == __name__:
        return

    def get_video_reader(self: Any, filename: str) -> Any:
        from mmmotion.datasets.video_check import open_video

        if self.io_backend == 'disk':
            return open_video(filename, num_threads=self.num_threads)
        return open_bytes(self, filename)

    init._get_video_reader = get_video_reader


_METHODS: dict[type, tuple[str, ...]] = {}
_MISSING = _MissingModules()
_HOOK = _AroundImport(
    {
        **NUMPY2_CURES,
        'torchvision': _import_torchvision,
        'mmaction.datasets.transforms.loading': _import_loading,
        **CONFIG_CURES,
        **TSM_CURES,
        'mmengine.fileio.file_client': _import_file_client,
        'mmengine.runner.checkpoint': _import_checkpoint,
        'mmengine.optim.scheduler.param_scheduler': _import_scheduler,
    }
)
