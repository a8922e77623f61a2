"""Learning rates of whole trainings, as a user lengthens, scales and resumes them."""

import runpy
from pathlib import Path

import pytest
from mmengine.config import Config
from mmengine.hooks import Hook
from mmengine.model import BaseModel
from mmengine.optim import build_optim_wrapper
from torch import nn

from mmmotion.apis import build_runner, load_config
from mmmotion.apis.schedules import drop_unused_schedules, scale_schedules, stretch_schedules
from mmmotion.registry import HOOKS, MODELS, PARAM_SCHEDULERS

ROOT = Path(__file__).parents[2]
ITERATIONS = 4  # of an epoch


class OneWeight(BaseModel):
    def __init__(self):
        super().__init__()
        self.linear = nn.Linear(1, 1)

    def forward(self, x, mode='loss'):
        return {'loss': self.linear(x.float()[:, None]).mean()}


class RecordRates(Hook):
    seen: list[float] = []

    def before_train_iter(self, runner, batch_idx, data_batch=None):
        self.seen.append(runner.optim_wrapper.param_groups[0]['lr'])


@pytest.fixture(autouse=True)
def registered(monkeypatch):
    for registry, kind in ((MODELS, OneWeight), (HOOKS, RecordRates)):
        monkeypatch.setitem(registry._module_dict, kind.__name__, kind)


@pytest.fixture
def config(tmp_path):
    """Write a config of one weight and a schedule of ours."""

    def write(schedule, **others):
        path = tmp_path / f'{schedule}.py'
        base = ROOT / f'configs/_base_/schedules/{schedule}.py'
        loader = dict(
            dataset=[{'x': 1.0}] * (2 * ITERATIONS),
            batch_size=2,
            sampler=dict(type='DefaultSampler', shuffle=False),
            collate_fn=dict(type='default_collate'),
        )
        parts = dict(
            _base_=str(base),
            default_scope='mmaction',
            model=dict(type='mmmotion.OneWeight'),
            train_dataloader=loader,
            val_cfg=None,
            test_cfg=None,
            custom_hooks=[dict(type='mmmotion.RecordRates')],
            log_level='ERROR',
            **others,
        )
        path.write_text('\n'.join(f'{key} = {value!r}' for key, value in parts.items()))
        return str(path)

    return write


def train(config, work_dir, options=None, **changes):
    """Return the rate at every iteration of a training."""
    cfg = load_config(config, work_dir=str(work_dir), options=options)
    cfg.merge_from_dict(dict(experiment_name=f'{work_dir}{options}{changes}', **changes))
    RecordRates.seen = []
    build_runner(cfg).train()
    return RecordRates.seen


def length(epochs):
    return {'train_cfg.max_epochs': epochs}


@pytest.mark.parametrize('epochs', [1, 3, 6])
def test_one_cycle_is_as_long_as_the_training(config, tmp_path, epochs):
    rates = train(config('motion_shapes'), tmp_path / 'work', length(epochs))
    assert len(rates) == epochs * ITERATIONS
    assert rates[0] <= 0.05 / 25 * 1.0001 or epochs == 1
    assert max(rates) > 0.04
    assert rates[-1] == pytest.approx(0.05 / 25 / 1e4, rel=1e-3)


@pytest.mark.parametrize(('epochs', 'milestones'), [(8, [3, 6]), (20, [8, 15])])
def test_steps_keep_their_places(config, tmp_path, epochs, milestones):
    rates = train(config('pan_80e'), tmp_path / 'work', length(epochs))[::ITERATIONS]
    falls = [i for i in range(1, epochs) if rates[i] < rates[i - 1] / 5]
    assert falls == milestones
    assert rates[-1] == pytest.approx(1e-4)


@pytest.mark.parametrize('epochs', [1, 2, 10])
def test_warm_up_and_cosine(config, tmp_path, epochs):
    """The rate rises, and falls to the end of the training, not before."""
    rates = train(config('residual_100e'), tmp_path / 'work', length(epochs))
    assert rates[0] == pytest.approx(1e-3)
    assert max(rates) > 0.05
    assert rates[-1] > 0
    if epochs >= 10:
        assert rates[-1] < 0.1 * max(rates)


def test_schedules_written_by_the_user_stay(config):
    options = {**length(8), 'param_scheduler.0.milestones': [7]}
    cfg = load_config(config('pan_80e'), options=options)
    assert cfg.param_scheduler[0].milestones == [7]
    assert cfg.param_scheduler[0].end == 80


@pytest.mark.parametrize(
    'path', sorted(ROOT.glob('configs/_base_/schedules/*.py')), ids=lambda path: path.stem
)
def test_every_schedule_stretches(path):
    """Those of branches that are frozen early, too: each keeps its part of the training."""
    planned, cfg = Config.fromfile(path), Config.fromfile(path)
    cfg.train_cfg.max_epochs *= 2
    stretch_schedules(cfg, planned.train_cfg.max_epochs)
    for old, new in zip(planned.param_scheduler, cfg.param_scheduler, strict=True):
        for key in {'begin', 'end', 'T_max', 'total_steps'} & set(old):
            assert new[key] == 2 * old[key]
        assert new.get('milestones', []) == [2 * epoch for epoch in old.get('milestones', [])]


def test_scaled_with_the_batch(config, tmp_path):
    path = config('motion_shapes')
    rates = train(path, tmp_path / 'one')
    scaled = train(path, tmp_path / 'other', **{'auto_scale_lr.enable': True})
    assert scaled == pytest.approx([rate * 2 / 16 for rate in rates])


@pytest.mark.parametrize('launcher', [('pytorch', 'WORLD_SIZE'), ('slurm', 'SLURM_NTASKS')])
def test_scaled_with_the_processes(config, monkeypatch, launcher):
    monkeypatch.setenv(launcher[1], '4')
    cfg = load_config(config('motion_shapes'), launcher=launcher[0])
    cfg.auto_scale_lr.enable = True
    scale_schedules(cfg)
    assert cfg.param_scheduler[0].eta_max == pytest.approx(0.05 * 4 * 2 / 16)


@pytest.mark.parametrize('schedule', ['motion_shapes', 'residual_finetune', 'pan_40e'])
def test_resumed_with_another_length(config, tmp_path, schedule):
    """Refused; with the same length it goes on."""
    path, work_dir = config(schedule), tmp_path / 'work'
    whole = train(path, tmp_path / 'whole', length(4))
    train(path, work_dir, length(4))
    saved = str(work_dir / 'epoch_2.pth')
    again = train(path, tmp_path / 'again', length(4), resume=True, load_from=saved)
    assert again == pytest.approx(whole[2 * ITERATIONS :])
    with pytest.raises(ValueError, match=r'resume: expected a checkpoint of the same schedules'):
        train(path, tmp_path / 'longer', length(8), resume=True, load_from=saved)


def test_resume_in_an_empty_work_dir(config, tmp_path, monkeypatch):
    """The training starts from ``load_from``; and from its own checkpoint once there is one."""
    tool = runpy.run_path(str(ROOT / 'tools/train.py'))
    monkeypatch.setattr('sys.argv', ['train.py', 'config.py', '--resume'])
    path, work_dir = config('motion_shapes', load_from='before.pth'), tmp_path / 'work'
    cfg = tool['merge_args'](load_config(path, work_dir=str(work_dir)), tool['parse_args']())
    assert (cfg.resume, cfg.load_from) == (False, 'before.pth')
    train(config('motion_shapes'), work_dir, length(1))
    cfg = tool['merge_args'](load_config(path, work_dir=str(work_dir)), tool['parse_args']())
    assert (cfg.resume, Path(cfg.load_from).name) == (True, 'epoch_1.pth')


@pytest.mark.parametrize(
    ('use', 'epochs'), [(['static'], 118), (['static', 'motion'], 474), (['change'], 474)]
)
def test_unused_branches_have_no_schedule(use, epochs):
    """README of DCD: ``model.use`` with any names; the optimizer takes the schedules left."""
    path = str(ROOT / 'configs/dcd/dcd_full_r50_ucf101.py')
    cfg = load_config(path, options={'model.use': use})
    drop_unused_schedules(cfg)
    assert {schedule.branch for schedule in cfg.param_scheduler} == {None, *use}
    assert cfg.train_cfg.max_epochs == epochs
    branches = nn.ModuleDict({name: nn.Linear(1, 1) for name in use})
    model = nn.ModuleDict(dict(stem=nn.Linear(1, 1), branches=branches))
    wrapper = build_optim_wrapper(model, cfg.optim_wrapper)
    for schedule in cfg.param_scheduler:
        PARAM_SCHEDULERS.build(schedule, default_args=dict(optimizer=wrapper))
