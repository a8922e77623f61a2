"""Configs for MMEngine's Python style: each holds what the text config of its name holds.

    from mmengine.config import read_base

    with read_base():
        from mmmotion.configs.pan.pan_full_r50_sthv2 import *

A file of one line makes any other text config one of this style. MMEngine replaces the imports in
such a file and ignores its ``custom_imports``, so that the line imports this package by a call:
that applies the cures of :mod:`mmmotion.compat`, too.
"""

from pathlib import Path
from typing import Any

from mmengine.config import Config

__all__ = ['read']

TEXT_CONFIGS = Path(__file__).parents[1] / '.mim' / 'configs'


def read(name: str) -> dict[str, Any]:
    """Return the variables of a text config, its bases merged.

    Args:
        name: of the config as after ``mmmotion::``, such as ``pan/pan_full_r50_sthv2.py``.
    """
    return Config.fromfile(TEXT_CONFIGS / name).to_dict()
