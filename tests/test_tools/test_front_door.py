"""What a new user does first, with real weights, on the published layout of a data set."""

import re
from collections import Counter
from pathlib import Path

import mmaction
import pytest
import torch
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


FLOW_IN_TSM = f"""
_base_ = '{TSM}'
custom_imports = dict(imports=['mmmotion'])
model = dict(
    backbone=dict(
        _delete_=True,
        type='mmmotion.PluggedBackbone',
        backbone=dict(
            type='ResNetTSM', depth=18, num_segments=8, shift_div=8, pretrained2d=False
        ),
        num_frames=8,
        plugins=[
            dict(after='layer2', module=dict(type='mmmotion.RepFlowBlock', last_frame='repeat'))
        ],
    ),
    cls_head=dict(in_channels=512),
)
"""
TSM_RATES = 'optim_wrapper.constructor=mmmotion.TSMOptimWrapperConstructor'


class TestRepresentationFlowInTSM:
    """MMAction2's constructor has no rate for it, and says which has."""

    @pytest.fixture(scope='class')
    def config(self, sthv2):
        path = sthv2 / 'flow_in_tsm.py'
        path.write_text(FLOW_IN_TSM)
        return path

    def test_refused(self, run_in_sthv2, config, tmp_path):
        options = ['--work-dir', tmp_path, *short(config)]
        done = run_in_sthv2(ROOT / 'tools/train.py', config, *options, check=False)
        assert done.returncode == 2
        assert "error: constructor: expected 'mmmotion.TSMOptimWrapperConstructor'" in done.stderr
        assert 'has no rate for backbone.plugins.0.flows.0 (RepresentationFlow)' in done.stderr

    def test_as_it_says(self, run_in_sthv2, config, tmp_path):
        run_in_sthv2(UPSTREAM_TRAIN, config, '--work-dir', tmp_path, *short(config), TSM_RATES)
        optimizer = torch.load(tmp_path / 'epoch_1.pth')['optimizer']
        initial = [round(group['initial_lr'] / 0.02, 6) for group in optimizer['param_groups']]
        assert Counter(initial) == {1: 62, 2: 2, 0.01: 5, 5: 1, 10: 1}
