import logging
import os
import runpy
import subprocess
import sys
from functools import partial
from pathlib import Path

import pytest
from layouts import write_layout, write_lists
from mmengine.config import Config

ROOT = Path(__file__).parents[2]
CONFIG = ROOT / 'configs/pan/pan_lite_r18_motionshapes.py'


def run(*command, check=True, cwd=ROOT, env=None, **kwargs):
    """Run a script of the repository as a user would, on one thread."""
    return subprocess.run(
        [sys.executable, *map(str, command)],
        cwd=cwd,
        env={**os.environ, 'OMP_NUM_THREADS': '1', **(env or {})},
        capture_output=True,
        text=True,
        check=check,
        **kwargs,
    )


@pytest.fixture(scope='session')
def sthv2(weight_cache, tmp_path_factory):
    """A working directory with Something-Something V2 as published, and ImageNet's ResNet-50."""
    root = tmp_path_factory.mktemp('sthv2')
    write_layout(root, 'sthv2')
    write_lists(root, 'sthv2')
    weight_cache.provide(Config(dict(pretrained='torchvision://resnet50')))
    return root


@pytest.fixture(scope='session')
def run_in_sthv2(sthv2, weight_cache):
    """Run a script there, with stand-ins for published weights."""
    env = dict(TORCH_HOME=str(weight_cache.root))
    return partial(run, cwd=sthv2, env=env)


SPEC = dict(image_size=32, num_train=16, num_val=8, num_test=8)


@pytest.fixture(scope='session')
def data(tmp_path_factory):
    """A tiny MotionShapes."""
    root = tmp_path_factory.mktemp('data') / 'motion_shapes'
    sizes = [word for key, value in SPEC.items() for word in (f'--{key.replace("_", "-")}', value)]
    run('tools/data/motion_shapes/make_motion_shapes.py', root, *sizes)
    return root


@pytest.fixture(scope='session')
def options(data):
    """Point the config at it."""
    pairs = [f'spec.{key}={value}' for key, value in SPEC.items()]
    pairs.append(f'data_root={data}')
    loaders = [f'{split}_dataloader.dataset' for split in ('train', 'val', 'test')]
    tiny = [f'{loader}.{pair}' for loader in loaders for pair in pairs]
    return ['--cfg-options', 'train_dataloader.batch_size=8', 'train_cfg.max_epochs=1', *tiny]


@pytest.fixture(scope='session')
def trained(tmp_path_factory, options):
    """The work dir of one epoch of PAN-Lite."""
    work_dir = tmp_path_factory.mktemp('work')
    run('tools/train.py', CONFIG, '--work-dir', work_dir, *options)
    return work_dir


@pytest.fixture
def call(monkeypatch, capsys):
    """Run a script in this process; return its exit status and what it printed."""

    # Loggers of an earlier call still hold its captured, closed stream.
    monkeypatch.setattr(logging, 'raiseExceptions', False)

    def call(script, *args, cwd=ROOT):
        monkeypatch.chdir(cwd)
        monkeypatch.setattr(sys, 'argv', [str(script), *map(str, args)])
        status = 0
        try:
            runpy.run_path(str(ROOT / script), run_name='__main__')
        except SystemExit as leave:
            status = leave.code
        captured = capsys.readouterr()
        return status, captured.out, captured.err

    return call
