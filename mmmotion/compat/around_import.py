"""An import hook that runs a function around the import of a module."""

import importlib.abc
import importlib.machinery
import sys
from collections.abc import Callable, Sequence
from functools import partial
from types import ModuleType

__all__ = ['AroundImport']


class AroundImport(importlib.abc.MetaPathFinder):
    """Runs a cure around the import of a module, whoever imports it and when.

    Args:
        cures: for a module's name a function of its loader's ``exec_module`` and the module.
    """

    def __init__(self, cures: dict[str, Callable[..., None]]) -> None:
        self.cures = cures

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        """Find a module as its other finders do, and put the cure into its loader."""
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
