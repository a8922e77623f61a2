"""Configs of MMAction2's through our tools, on clips in the published layout of their data set."""

import runpy

import pytest
import torch
from mmengine.config import Config

from .conftest import ROOT
from .test_front_door import FULL, short

TSM = 'mmaction::recognition/tsm/tsm_imagenet-pretrained-r50_8xb16-1x1x8-50e_sthv2-rgb.py'
TINY = [
    '--cfg-options', 'train_cfg.max_epochs=1', 'env_cfg.mp_cfg.mp_start_method=fork',
    *(f'{split}_dataloader.{option}' for split in ('train', 'val', 'test')
      for option in ('batch_size=2', 'num_workers=0', 'persistent_workers=False')),
    *(f'{split}_dataloader.dataset.pipeline.1.num_clips=2' for split in ('train', 'val', 'test')),
    'train_dataloader.dataset.pipeline.5.scale=(32,32)',
    'val_dataloader.dataset.pipeline.4.crop_size=32',
    'test_dataloader.dataset.pipeline.4.crop_size=32',
    'test_dataloader.dataset.pipeline.3.scale=(-1,32)',
    'model.backbone.num_segments=2', 'model.cls_head.num_segments=2',
]  # fmt: skip


@pytest.fixture(scope='module')
def config(sthv2):
    """Two lines: a config of MMAction2's, and ours among its imports."""
    (sthv2 / 'own.py').write_text(
        f"_base_ = '{TSM}'\ncustom_imports = dict(imports=['mmmotion'])\n"
    )
    return 'own.py'


@pytest.fixture(scope='module')
def trained(run_in_sthv2, config):
    return run_in_sthv2(ROOT / 'tools/train.py', config, '--work-dir', 'work', '--amp', *TINY)


def test_trains_from_published_weights(sthv2, trained):
    log = trained.stdout + trained.stderr
    assert 'Loads checkpoint by torchvision backend' in log
    for hook in ('CheckpointMatchHook', 'EpochSeedHook'):  # which upstream's runtime lacks
        assert hook in log
    assert (sthv2 / 'work/epoch_1.pth').is_file()


@pytest.mark.parametrize(
    'warning', ['FileClient', 'HardDiskBackend', 'MultiScaleDeformable', 'pkg_resources']
)
def test_says_nothing_that_concerns_no_user(trained, warning):
    assert warning not in trained.stdout + trained.stderr


def test_tests(run_in_sthv2, config, trained):
    out = run_in_sthv2(
        ROOT / 'tools/test.py', config, 'work/epoch_1.pth', '--work-dir', 'work',
        '--fast', 'float32', *TINY,
    )  # fmt: skip
    assert 'acc/top1: ' in out.stdout + out.stderr


def test_starts_branches_of_ours(run_in_sthv2, sthv2, trained, tmp_path):
    """What MMAction2's config trained starts RGB and PA; a rate of 0 leaves it as it arrived."""
    options = [*short(FULL), 'load_from=work/epoch_1.pth', 'optim_wrapper.optimizer.lr=0']
    done = run_in_sthv2(ROOT / 'tools/train.py', FULL, '--work-dir', tmp_path, *options)
    said = (
        'load_from fills 100.0% of branches.rgb.backbone, 100.0% of branches.pa.backbone.backbone'
    )
    assert said in done.stdout + done.stderr
    given = torch.load(sthv2 / 'work/epoch_1.pth')['state_dict']
    held = torch.load(tmp_path / 'epoch_1.pth')['state_dict']
    kernels = {key: value for key, value in given.items() if value.dim() == 4}
    assert len(kernels) == 53
    for key, value in kernels.items():
        assert torch.equal(held[f'branches.rgb.{key}'], value)
        assert torch.equal(held[f'branches.pa.backbone.{key}'], value)  # of 3 maps, as of RGB


def test_checks_data(run_in_sthv2, config):
    out = run_in_sthv2(ROOT / 'tools/analysis_tools/check_data.py', config)
    assert out.stdout.splitlines()[-1] == '0 problems'


class TestArguments:
    """Nothing is changed that no flag asks for, and nothing need be there."""

    @pytest.fixture
    def merge(self, monkeypatch):
        tool = runpy.run_path(str(ROOT / 'tools/train.py'))

        def merge(cfg, *flags):
            monkeypatch.setattr('sys.argv', ['train.py', 'config.py', *flags])
            return tool['merge_args'](Config(cfg), tool['parse_args']())

        return merge

    def test_randomness(self, merge):
        assert merge(dict(randomness=dict(deterministic=True, seed=3))).randomness == dict(
            deterministic=True, seed=3
        )
        assert merge(dict()).randomness == dict(seed=None)
        flags = ['--seed', '5', '--deterministic']
        assert merge(dict(), *flags).randomness == dict(seed=5, deterministic=True)

    def test_scaling_of_rates(self, merge):
        cfg = merge(dict(auto_scale_lr=dict(base_batch_size=8)), '--auto-scale-lr')
        assert cfg.auto_scale_lr.enable
        with pytest.raises(ValueError, match='--auto-scale-lr: expected a config with'):
            merge(dict(), '--auto-scale-lr')


@pytest.mark.parametrize(
    ('option', 'said'),
    [
        ('test_dataloder.batch_size=1', 'did you mean test_dataloader?'),
        ('novalue', 'expected key=value, got novalue'),
        ('=3', 'expected key=value, got =3'),
    ],
)
def test_option_without_effect(call, option, said):
    config = 'configs/pan/pan_lite_r18_motionshapes.py'
    status, _, err = call('tools/train.py', config, '--cfg-options', option)
    assert status == 2
    assert said in err
