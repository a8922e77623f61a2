"""What a new user does first, with real weights, on the published layout of a data set."""

import re
from pathlib import Path

import mmaction
import pytest
from mmengine.config import Config

from .conftest import ROOT

UPSTREAM_TRAIN = Path(mmaction.__file__).parent / '.mim/tools/train.py'
TSM = 'mmaction::recognition/tsm/tsm_imagenet-pretrained-r50_8xb16-1x1x8-50e_sthv2-rgb.py'
FULL = ROOT / 'configs/pan/pan_full_r50_sthv2.py'
LITE = ROOT / 'configs/pan/pan_lite_r50_sthv2.py'
SMALLER = dict(
    Resize=dict(scale='(32,32)'),
    MultiScaleCrop=dict(input_size=32),
    CenterCrop=dict(crop_size=32),
    ThreeCrop=dict(crop_size=32),
)
LOADERS = ('train_dataloader', 'val_dataloader', 'test_dataloader')


@pytest.fixture(scope='module')
def readme_config(sthv2):
    """README's module of ours in a config of one's own."""
    (example,) = re.findall(
        r"```python\n(_base_ = '.*?)```", (ROOT / 'README.md').read_text(), re.S
    )
    assert example.startswith(f"_base_ = '{TSM}'")
    path = sthv2 / 'mine.py'
    path.write_text(example)
    return path


def short(config):
    """Return the options that make a training one step on small frames, and nothing else."""
    cfg = Config.fromfile(config)
    options = ['train_cfg.max_epochs=1', 'train_dataloader.batch_size=2']
    for loader in LOADERS:
        options += [f'{loader}.num_workers=0', f'{loader}.persistent_workers=False']
        for index, step in enumerate(cfg[loader].dataset.pipeline):
            for key, value in SMALLER.get(step.type, {}).items():
                options.append(f'{loader}.dataset.pipeline.{index}.{key}={value}')
    return ['--cfg-options', *options]


def train(run, script, config, work_dir):
    run(script, config, '--work-dir', work_dir, *short(config))
    (log,) = work_dir.glob('*/*.log')
    assert 'loss: ' in log.read_text()
    assert (work_dir / 'epoch_1.pth').is_file()


@pytest.mark.parametrize('config', [FULL, LITE], ids=lambda path: path.stem)
def test_our_tool_on_our_configs(run_in_sthv2, config, tmp_path):
    train(run_in_sthv2, ROOT / 'tools/train.py', config, tmp_path)


def test_upstreams_tool_on_our_config(run_in_sthv2, tmp_path):
    train(run_in_sthv2, UPSTREAM_TRAIN, LITE, tmp_path)


@pytest.mark.parametrize(
    'script', [ROOT / 'tools/train.py', UPSTREAM_TRAIN], ids=['ours', 'mmaction']
)
def test_readmes_example(run_in_sthv2, readme_config, script, tmp_path):
    train(run_in_sthv2, script, readme_config, tmp_path)


def test_weights_of_another_network(run_in_sthv2, weight_cache, tmp_path):
    """A sentence with the share that fits, and nothing is trained."""
    weight_cache.provide(Config(dict(pretrained='torchvision://resnet34')))
    options = [*short(LITE), 'model.backbone.backbone.pretrained=torchvision://resnet34']
    done = run_in_sthv2(
        ROOT / 'tools/train.py', LITE, '--work-dir', tmp_path, *options, check=False
    )
    assert done.returncode == 2
    said = r'got torchvision://resnet34, which holds 4\d\.\d% of its kernels, but not layer1'
    assert re.search(said, done.stderr)
    assert 'Traceback' not in done.stderr
    assert not list(tmp_path.glob('*.pth'))
