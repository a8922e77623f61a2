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


def import_config(exec_module: Callable[[ModuleType], None], module: ModuleType) -> None:
    """Find our configs, and build what they hold in MMAction2's scope, in which they are written.

    Symptom: ``KeyError: 'ActionVisualizer is not in the mmengine::visualizer registry'``.
    Cause: mmengine builds what is inherited in the scope of the package that it comes from.
    """
    import_config_users(exec_module, module)
    get_path = module.Config._get_cfg_path
    if get_path.__module__ == __name__:
        return

    def get_cfg_path(cfg_path: str, filename: str) -> tuple[str, str | None]:
        path, scope = get_path(cfg_path, filename)
        return path, 'mmaction' if scope == 'mmmotion' else scope

    module.Config._get_cfg_path = staticmethod(get_cfg_path)


CONFIG_CURES = {
    'mmengine.config.config': import_config,
    'mmengine.config.utils': import_config_utils,
    'mmengine.hub.hub': import_config_users,
}
