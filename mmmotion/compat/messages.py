"""Cures for what the stack says at a start: what a user must know, and what nobody need."""

import importlib.util
import warnings
from collections.abc import Callable
from types import ModuleType

__all__ = ['MESSAGE_CURES', 'ignore_harmless_warnings', 'warn_without_pkg_resources']


def warn_without_pkg_resources() -> None:
    """Warn of what to install where ``pkg_resources`` is gone.

    Symptom: a config with ``_base_ = 'mmaction::...'`` fails, no module ``pkg_resources``.
    Cause: mmengine looks packages up with it, and newer versions of setuptools dropped it.
    """
    has_mmengine = importlib.util.find_spec('mmengine') is not None
    if has_mmengine and importlib.util.find_spec('pkg_resources') is None:
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


def _import_file_client(exec_module: Callable[[ModuleType], None], module: ModuleType) -> None:
    """Leave out the deprecations of mmengine's file client, which MMAction2 and mmcv still use.

    They are all that this module logs.
    """
    exec_module(module)
    module.print_log = lambda *args, **kwargs: None


def _import_room(exec_module: Callable[[ModuleType], None], module: ModuleType) -> None:
    """Say what to install where a part of mmmotion needs more than the operators do.

    Symptom: ``import mmmotion.models`` fails, no module ``mmengine``, or ``mmcv``.
    Cause: mmmotion was installed for its operators, which need PyTorch alone.
    """
    try:
        exec_module(module)
    except ModuleNotFoundError as error:
        missing = (error.name or '').partition('.')[0]
        if not missing or importlib.util.find_spec(missing):  # a broken package, not an absent one
            raise
        raise ModuleNotFoundError(
            f'{module.__name__}: expected MMAction2 and what it needs, got no module {missing!r}; '
            "install them by pip install 'mmmotion[lite]', or by pip install 'mmmotion[mmaction]' "
            'beside the full mmcv',
            name=missing,
        ) from error


ROOMS = (
    *('apis', 'checkpoints', 'configs', 'converters', 'datasets', 'engine', 'evaluation'),
    *('models', 'registry', 'visualization'),
)
MESSAGE_CURES = {
    'mmengine.fileio.file_client': _import_file_client,
    **{f'mmmotion.{room}': _import_room for room in ROOMS},
}
