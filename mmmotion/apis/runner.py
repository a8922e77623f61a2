"""From a config file and a command line to MMEngine's runner."""

from pathlib import Path

import torch
from mmengine.config import Config
from mmengine.device import get_device
from mmengine.registry import RUNNERS
from mmengine.runner import Runner

from mmmotion.files import check_checkpoint, check_file

__all__ = ['build_runner', 'check_checkpoint', 'check_file', 'load_config']


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
