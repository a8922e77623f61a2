"""From a config file and a command line to MMEngine's runner."""

import inspect
from collections.abc import Iterator
from pathlib import Path

import torch
from mmengine.config import Config
from mmengine.device import get_device
from mmengine.registry import RUNNERS
from mmengine.runner import Runner

from mmmotion.apis.schedules import drop_unused_schedules, scale_schedules, stretch_schedules
from mmmotion.checks import did_you_mean
from mmmotion.files import check_file

__all__ = ['build_runner', 'load_config']

# What makes a run safe, whoever wrote the runtime that a config inherits.
SAFE_HOOKS = ('mmmotion.CheckpointMatchHook', 'mmmotion.EpochSeedHook')


def load_config(
    path: str, *, work_dir: str | None = None, options: dict | None = None, launcher: str = 'none'
) -> Config:
    """Read a config, as MMAction2's tools do.

    Args:
        path: the config file.
        work_dir: where logs and checkpoints go; else what the config says, else
            ``work_dirs/<name of the config>``.
        options: overrides, ``{'train_cfg.max_epochs': 3}``, to which the schedules are stretched
            unless ``param_scheduler`` is overridden, too.
        launcher: ``none``, ``pytorch``, ``slurm`` or ``mpi``.

    Raises:
        FileNotFoundError: there is no such file.
        ValueError: it cannot be read as a config, or lacks what a runner needs; or an override is
            of a part that neither the config nor a runner knows.
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
    options = options or {}
    _check_options(options, cfg)
    planned = (cfg.get('train_cfg') or {}).get('max_epochs')
    cfg.merge_from_dict(options)
    parts = {key.partition('.')[0] for key in options}
    if planned and 'param_scheduler' not in parts:
        length = cfg.train_cfg.get('max_epochs')
        if length is not None and length != planned:
            stretch_schedules(cfg, planned)
    if cfg.get('default_scope') is None:
        cfg.default_scope = 'mmaction'
    cfg.launcher = launcher
    cfg.work_dir = work_dir or cfg.get('work_dir') or f'./work_dirs/{Path(path).stem}'
    return cfg


def build_runner(cfg: Config) -> Runner:
    """Build the runner of ``cfg``; distributed runs work without a GPU, too.

    With ``auto_scale_lr`` the absolute rates of schedules are scaled like the optimizer's.
    Weights of another architecture are refused and a resumed run draws the random numbers of an
    uninterrupted one, also where the runtime of ``cfg`` is not ours.

    Raises:
        ValueError: the frames of stacks would be normalised as if they were channels.
    """
    _check_normalisation(cfg)
    _add_safe_hooks(cfg)
    drop_unused_schedules(cfg)
    scale_schedules(cfg)
    if cfg.launcher != 'none' and get_device() == 'cpu':
        _prepare_cpu_group(cfg)
    return RUNNERS.build(cfg) if 'runner_type' in cfg else Runner.from_cfg(cfg)


def _check_normalisation(cfg: Config) -> None:
    """Refuse stacks (N, C, T, H, W) whose mean is taken along T: of 3 frames that goes unseen."""
    given = cfg.model.get('data_preprocessor') or {}
    if given.get('format_shape', 'NCHW') != 'NCHW' or given.get('mean') is None:
        return
    for loader in ('train_dataloader', 'val_dataloader', 'test_dataloader'):
        for shape in _find_shapes(cfg.get(loader)):
            if shape == 'NCTHW':
                raise ValueError(
                    "model.data_preprocessor.format_shape: expected 'NCTHW', as FormatShape of "
                    f"{loader} gives, got 'NCHW'"
                )


def _find_shapes(part: object) -> Iterator[str]:
    """Yield what the ``FormatShape`` of a loader give, in data sets within data sets, too."""
    if isinstance(part, dict):
        if part.get('type') == 'FormatShape':
            yield part['input_format']
        part = list(part.values())
    if isinstance(part, list | tuple):
        for value in part:
            yield from _find_shapes(value)


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


def _check_options(options: dict, cfg: Config) -> None:
    """Refuse an override within a part that does not exist, which would have no effect.

    New keys within a part are allowed, as are new parts that a runner takes.
    """
    known = {*cfg.keys(), *inspect.signature(Runner.__init__).parameters}
    for option in options:
        part, dot, _ = option.partition('.')
        if dot and part not in known:
            raise ValueError(
                f'--cfg-options: expected a part of the config, got {option}'
                f'{did_you_mean(part, known)}'
            )


def _add_safe_hooks(cfg: Config) -> None:
    hooks = list(cfg.get('custom_hooks') or [])
    present = set()
    for hook in hooks:
        kind = hook['type'] if isinstance(hook, dict) else type(hook)
        present.add(kind if isinstance(kind, str) else f'mmmotion.{kind.__name__}')
    for name in SAFE_HOOKS:
        if name not in present:
            hooks.append(dict(type=name))
    cfg.custom_hooks = hooks
