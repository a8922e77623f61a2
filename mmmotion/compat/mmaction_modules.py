"""Cures for modules of MMAction2: one that its wheel lacks, and the reader of videos."""

import importlib.abc
import importlib.machinery
from collections.abc import Callable, Sequence
from types import ModuleType
from typing import Any

__all__ = ['DRN', 'MMACTION_CURES', 'MissingModules']


class DRN:
    """Stand-in for the localizer that the wheel of mmaction2 lacks; it cannot be built."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        raise ImportError(
            'DRN needs mmaction.models.localizers.drn, and the installed mmaction2 lacks that '
            'folder: install mmaction2 from its repository, not from its wheel.'
        )


class _DRNLoader(importlib.abc.Loader):
    """Fills the stand-in modules; mmaction is being imported whenever this runs."""

    def exec_module(self, module: ModuleType) -> None:
        from mmaction.registry import MODELS

        MODELS.register_module(module=DRN, force=True)
        module.DRN = DRN  # type: ignore[attr-defined]


class MissingModules(importlib.abc.MetaPathFinder):
    """Provides ``mmaction.models.localizers.drn``, asked only if no other finder has it.

    Symptom: ``import mmaction.models`` fails, no module ``mmaction.models.localizers.drn``.
    Cause: ``localizers/__init__`` imports a folder that was left out of the wheel.
    """

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        """Return the stand-in for one of the folder's two modules."""
        package = 'mmaction.models.localizers.drn'
        if fullname not in (package, f'{package}.drn'):
            return None
        return importlib.machinery.ModuleSpec(
            fullname, _DRNLoader(), is_package=fullname == package
        )


def import_loading(exec_module: Callable[[ModuleType], None], module: ModuleType) -> None:
    """Make ``DecordInit`` give decord the path of a local file instead of its bytes.

    Symptom: a truncated AVI or WebM file ends training, test and demo by a segmentation fault, and
    a pipe never opens. Cause: decord's constructor, given bytes, and a file read without a look.
    A cure and no transform of ours: MMAction2's demos and inferencer know its decoders by name.
    """
    exec_module(module)
    init: Any = module.DecordInit
    open_bytes = init._get_video_reader
    if open_bytes.__module__ == __name__:
        return

    def get_video_reader(self: Any, filename: str) -> Any:
        from mmmotion.datasets.media import open_video

        if self.io_backend == 'disk':
            return open_video(filename, num_threads=self.num_threads)
        return open_bytes(self, filename)

    init._get_video_reader = get_video_reader


MMACTION_CURES = {'mmaction.datasets.transforms.loading': import_loading}
