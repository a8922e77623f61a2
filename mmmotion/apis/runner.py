"""From a config file and a command line to MMEngine's runner."""

import difflib
import os
import zipfile
from pathlib import Path

import torch
from mmengine.config import Config
from mmengine.device import get_device
from mmengine.registry import RUNNERS
from mmengine.runner import Runner

__all__ = ['build_runner', 'check_checkpoint', 'check_file', 'load_config']

LEGACY_MAGIC = b'\x80\x02'  # how files of PyTorch before 1.6 begin


def check_file(path: str, *, name: str) -> Path:
    """Return ``path`` if it is a file that holds something; else say what there is instead."""
    file = Path(path)
    if not file.is_file():
        raise FileNotFoundError(f'{name}: expected a file, got {path}{_suggest(file)}')
    if file.stat().st_size == 0:
        raise ValueError(f'{name}: expected a file with content, got {path} of 0 bytes')
    return file


def check_checkpoint(path: str, *, name: str) -> str:
    """Return ``path`` if it can be a whole checkpoint; else say what there is instead."""
    file = check_file(path, name=name)
    with file.open('rb') as stream:
        legacy = stream.read(len(LEGACY_MAGIC)) == LEGACY_MAGIC
    if not (legacy or zipfile.is_zipfile(file)):  # a truncated file is no zip file either
        raise ValueError(f'{name}: expected a whole PyTorch checkpoint, got {path}, which is none')
    return str(file)


def load_config(
    path: str, *, work_dir: str | None = None, options: dict | None = None, launcher: str = 'none'
) -> Config:
    """Read a config, as MMAction2's tools do.

    Args:
        path: the config file.
        work_dir: where logs and checkpoints go; else what the config says, else
            ``work_dirs/<name of the config>``.
        options: overrides, ``{'train_cfg.max_epochs': 3}``.
        launcher: ``none``, ``pytorch``, ``slurm`` or ``mpi``.

    Raises:
        FileNotFoundError: there is no such file.
        ValueError: it cannot be read as a config, or lacks what a runner needs.
    """
    check_file(path, name='config')
    try:
        cfg = Config.fromfile(path)
    except Exception as error:  # whatever the Python of a config can raise
        raise ValueError(
            f'config: expected a config MMEngine can read, got {path}: {error}'
        ) from error
    if 'model' not in cfg:
        raise ValueError(f'config: expected a config with a model, got {path} without one')
    cfg.merge_from_dict(options or {})
    cfg.launcher = launcher
    cfg.work_dir = work_dir or cfg.get('work_dir') or f'./work_dirs/{Path(path).stem}'
    return cfg


def build_runner(cfg: Config) -> Runner:
    """Build the runner of ``cfg``; distributed runs work without a GPU, too."""
    if cfg.launcher != 'none' and get_device() == 'cpu':
        _prepare_cpu_group(cfg)
    return RUNNERS.build(cfg) if 'runner_type' in cfg else Runner.from_cfg(cfg)


def _prepare_cpu_group(cfg: Config) -> None:
    """Join the process group and wrap the model ourselves: MMEngine would ask for a GPU's index."""
    cfg.model_wrapper_cfg = dict(
        type='MMDistributedDataParallel',
        device_ids=None,
        broadcast_buffers=False,
        find_unused_parameters=cfg.get('find_unused_parameters', False),
    )
    if not torch.distributed.is_initialized():
        torch.distributed.init_process_group('gloo')


def _suggest(file: Path) -> str:
    if not file.parent.is_dir():
        return f', and there is no folder {file.parent}'
    close = difflib.get_close_matches(file.name, os.listdir(file.parent), n=1)
    return f'; did you mean {file.parent / close[0]}?' if close else ''
