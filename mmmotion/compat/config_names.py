"""Cures that let mmengine find the configs of mmmotion by name, as those of its own packages."""

from collections.abc import Callable
from pathlib import Path
from types import ModuleType

__all__ = ['CONFIG_CURES']


def import_config_utils(exec_module: Callable[[ModuleType], None], module: ModuleType) -> None:
    """Let ``_base_ = 'mmmotion::...'`` and ``mmengine.hub.get_config`` find our configs.

    Symptom: ``AssertionError: mmengine does not support to load mmmotion config``.
    Cause: mmengine holds a fixed list of packages whose configs can be inherited.
    """
    exec_module(module)
    module.MODULE2PACKAGE.setdefault('mmmotion', 'mmmotion')


def import_config_users(exec_module: Callable[[ModuleType], None], module: ModuleType) -> None:
    """Find our configs after an editable install as well.

    Symptom: ``FileNotFoundError: .../site-packages/mmmotion/.mim/model-index.yml``.
    Cause: mmengine joins the folder of the metadata and the package's name, and an editable
    install keeps the package elsewhere.
    """
    exec_module(module)
    installed_path = module.get_installed_path
    if getattr(installed_path, '__module__', None) == __name__:
        return

    def get_installed_path(package: str) -> str:
        if package == 'mmmotion':
            return str(Path(__file__).parents[1])
        return installed_path(package)

    module.get_installed_path = get_installed_path  # type: ignore[attr-defined]


CONFIG_CURES = {
    'mmengine.config.config': import_config_users,
    'mmengine.config.utils': import_config_utils,
    'mmengine.hub.hub': import_config_users,
}
