"""An import hook that runs a function around the import of a module."""

import importlib.abc
import importlib.machinery
import sys
from collections.abc import Callable, Sequence
from functools import partial
from types import ModuleType
from typing import Any

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
        for finder in sys.meta_path:
            find = getattr(finder, 'find_spec', None)  # old finders have none
            if finder is self or find is None:
                continue
            spec = find(fullname, path, target)
            if spec is not None:
                self._add_cure(spec)
                return spec
        return None

    def _add_cure(self, spec: importlib.machinery.ModuleSpec) -> None:
        loader: Any = spec.loader
        if loader is not None:
            # On the instance, so that the loader keeps its type and all else it can do.
            loader.exec_module = partial(self.cures[spec.name], loader.exec_module)
