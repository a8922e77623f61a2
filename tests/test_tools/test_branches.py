"""A two-branch run through the tools: what is logged, and that a resumed run is the same run."""

import json

import pytest
import torch

import mmmotion  # noqa: F401  (what a checkpoint may hold)

from .conftest import ROOT, run

SCHEDULE = f"""
_base_ = '{ROOT}/configs/pan/pan_full_r18_motionshapes.py'
optim_wrapper = dict(constructor='mmmotion.BranchOptimWrapperConstructor')
step = dict(type='mmmotion.BranchMultiStepLR', begin=0, by_epoch=True, gamma=0.1)
param_scheduler = [
    dict(step, branch='rgb', end=2, milestones=[1]),
    dict(step, branch='pa', end=3, milestones=[2]),
]
log_processor = dict(window_size=1)
default_hooks = dict(logger=dict(interval=1))
train_cfg = dict(val_interval=3)
find_unused_parameters = True
"""


def scalars(work_dir):
    """Return what was logged: by (epoch, iteration) in training, by epoch in validation."""
    (path,) = work_dir.glob('*/vis_data/scalars.json')
    lines = [json.loads(line) for line in path.read_text().splitlines()]
    return {(line.get('epoch'), line['step']): line for line in lines}


@pytest.fixture(scope='module')
def trained_twice(tmp_path_factory, options):
    """Three epochs at once, and the same from the checkpoint of the first one on."""
    root = tmp_path_factory.mktemp('branches')
    (root / 'full.py').write_text(SCHEDULE)
    sized = [*options, 'train_cfg.max_epochs=3', 'train_dataloader.num_workers=1']
    run('tools/train.py', root / 'full.py', '--work-dir', root / 'whole', *sized)
    first = root / 'whole/epoch_1.pth'
    run('tools/train.py', root / 'full.py', '--work-dir', root / 'rest', '--resume', first, *sized)
    return root / 'whole', root / 'rest'


def test_every_branch_and_the_fused_score_are_logged(trained_twice):
    log = scalars(trained_twice[0])
    first, last = log[1, 1], log[3, 6]
    for name in ('rgb', 'pa'):
        assert {f'{name}.loss_cls', f'{name}.top1_acc', f'{name}.lr'} <= set(first)
    assert first['loss'] == pytest.approx(first['rgb.loss_cls'] + first['pa.loss_cls'])
    assert 'fused.top1_acc' in first
    assert 'rgb.loss_cls' not in last  # it is frozen
    (tested,) = [line for line in log.values() if 'acc/top1' in line]
    assert {'acc/rgb.top1', 'acc/pa.top1'} <= set(tested)


def test_each_branch_follows_its_schedule(trained_twice):
    log = scalars(trained_twice[0])
    rates = [[log[epoch, 2 * epoch][f'{name}.lr'] for epoch in (1, 2, 3)] for name in ('rgb', 'pa')]
    assert rates[0] == pytest.approx([0.05, 0.005, 0.005])
    assert rates[1] == pytest.approx([0.05, 0.05, 0.005])


def test_a_resumed_run_is_the_uninterrupted_one(trained_twice):
    whole, rest = trained_twice
    expected, resumed = scalars(whole), scalars(rest)
    compared = [key for key in expected if key[0] in (2, 3)]
    assert len(compared) == 4
    for key in compared:
        for name in ('pa.loss_cls', 'rgb.loss_cls', 'pa.lr', 'rgb.lr', 'grad_norm'):
            assert resumed[key].get(name) == expected[key].get(name), (key, name)
    ours, theirs = (torch.load(path / 'epoch_3.pth')['state_dict'] for path in (rest, whole))
    assert all(torch.equal(ours[key], value) for key, value in theirs.items())


def test_two_processes_without_a_gpu(tmp_path, options):
    """Each has half of the clips; a frozen branch leaves parameters without gradient."""
    (tmp_path / 'full.py').write_text(SCHEDULE)
    sized = [*options, 'train_cfg.max_epochs=3', 'train_dataloader.num_workers=1']
    sized.append('train_dataloader.batch_size=4')
    launch = ['-m', 'torch.distributed.run', '--nproc-per-node=2', '--master-port=29517']
    train = ['tools/train.py', tmp_path / 'full.py', '--launcher', 'pytorch', '--no-validate']
    out = run(*launch, *train, '--work-dir', tmp_path, *sized)
    assert '[2/2]' in out.stdout + out.stderr  # 16 clips = 2 processes x 2 batches of 4
    before, after = (torch.load(tmp_path / f'epoch_{i}.pth')['state_dict'] for i in (2, 3))
    changed = {key for key, value in after.items() if not torch.equal(value, before[key])}
    assert any(key.startswith('branches.pa.') for key in changed)
    assert not any(key.startswith('branches.rgb.') for key in changed)
