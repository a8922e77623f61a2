"""Two branches, one optimizer: each follows its own schedule, and only its own."""

from types import SimpleNamespace

import pytest
import torch
from mmengine.optim import MultiStepLR, build_optim_wrapper
from torch import nn

import mmmotion  # noqa: F401
from mmmotion.engine.hooks.branch_schedule import _finished_branches
from mmmotion.registry import PARAM_SCHEDULERS


class TwoBranches(nn.Module):
    def __init__(self):
        super().__init__()
        self.stem = nn.Linear(2, 2)
        self.branches = nn.ModuleDict({name: nn.Linear(2, 1) for name in ('rgb', 'pa')})


def make_wrapper(model, **paramwise_cfg):
    cfg = dict(
        type='OptimWrapper',
        optimizer=dict(type='SGD', lr=1.0, momentum=0.9),
        constructor='mmmotion.BranchOptimWrapperConstructor',
        paramwise_cfg=paramwise_cfg or None,
    )
    return build_optim_wrapper(model, cfg)


def rates(wrapper):
    return {(g['branch'], g['params'][0].dim()): g['lr'] for g in wrapper.optimizer.param_groups}


def schedule(wrapper, **kwargs):
    cfg = dict(type='mmmotion.BranchMultiStepLR', by_epoch=True, gamma=0.1)
    return PARAM_SCHEDULERS.build({**cfg, **kwargs}, default_args=dict(optimizer=wrapper))


class TestConstructor:
    def test_groups_know_their_branch(self):
        model = TwoBranches()
        wrapper = make_wrapper(model)
        of = {id(g['params'][0]): g['branch'] for g in wrapper.optimizer.param_groups}
        assert len(of) == 6
        for name, parameter in model.named_parameters():
            expected = name.split('.')[1] if name.startswith('branches.') else None
            assert of[id(parameter)] == expected

    def test_rates_of_paramwise_cfg_stay(self):
        wrapper = make_wrapper(TwoBranches(), custom_keys={'branches.pa.weight': dict(lr_mult=5)})
        assert rates(wrapper)['pa', 2] == 5
        assert rates(wrapper)['pa', 1] == 1


class TestSchedules:
    def test_each_its_own(self):
        wrapper = make_wrapper(TwoBranches(), custom_keys={'branches.pa.weight': dict(lr_mult=5)})
        schedulers = [
            schedule(wrapper, branch='rgb', milestones=[2, 4]),
            schedule(wrapper, branch='pa', milestones=[3, 5]),
        ]
        seen = []
        for _ in range(6):
            seen.append(rates(wrapper))
            wrapper.optimizer.step()
            for scheduler in schedulers:
                scheduler.step()
        expected_rgb = [1, 1, 0.1, 0.1, 0.01, 0.01]
        expected_pa = [1, 1, 1, 0.1, 0.1, 0.01]
        assert [s['rgb', 1] for s in seen] == pytest.approx(expected_rgb)
        assert [s['pa', 1] for s in seen] == pytest.approx(expected_pa)
        assert [s['pa', 2] for s in seen] == pytest.approx([5 * rate for rate in expected_pa])
        assert [s[None, 1] for s in seen] == [1] * 6

    def test_alone_it_is_the_ordinary_scheduler(self):
        wrapper, other = make_wrapper(TwoBranches()), make_wrapper(TwoBranches())
        ours = schedule(wrapper, branch='rgb', milestones=[1, 3])
        theirs = MultiStepLR(other, milestones=[1, 3], gamma=0.1, by_epoch=True)
        for _ in range(5):
            assert rates(wrapper)['rgb', 2] == rates(other)['rgb', 2]
            ours.step(), theirs.step()

    def test_of_a_stem(self):
        wrapper = make_wrapper(TwoBranches())
        scheduler = schedule(wrapper, branch=None, milestones=[1])
        wrapper.optimizer.step()
        scheduler.step()
        assert rates(wrapper)[None, 2] == pytest.approx(0.1)
        assert rates(wrapper)['rgb', 2] == rates(wrapper)['pa', 2] == 1

    def test_a_stem_is_never_frozen(self):
        wrapper = make_wrapper(TwoBranches())
        ended = [schedule(wrapper, branch=name, milestones=[], end=2) for name in (None, 'rgb')]
        runner = SimpleNamespace(param_schedulers=ended, epoch=2, iter=20)
        assert _finished_branches(runner) == {'rgb'}

    @pytest.mark.parametrize(
        ('kind', 'kwargs', 'expected'),
        [
            ('LinearLR', dict(start_factor=0.5, end=2), [0.5, 0.75, 1.0]),
            ('CosineAnnealingLR', dict(T_max=2), [1.0, 0.5, 0.0]),
        ],
    )
    def test_other_kinds(self, kind, kwargs, expected):
        wrapper = make_wrapper(TwoBranches())
        kwargs = {'end': 3, **kwargs, **({'end': 3} if kind == 'LinearLR' else {})}
        cfg = dict(type=f'mmmotion.Branch{kind}', branch='pa', by_epoch=True, **kwargs)
        scheduler = PARAM_SCHEDULERS.build(cfg, default_args=dict(optimizer=wrapper))
        seen = []
        for _ in expected:
            seen.append(rates(wrapper)['pa', 1])
            scheduler.step()
        assert seen == pytest.approx(expected, abs=1e-7)
        assert rates(wrapper)['rgb', 1] == 1

    def test_epochs_become_iterations(self):
        wrapper = make_wrapper(TwoBranches())
        cfg = dict(
            type='mmmotion.BranchMultiStepLR',
            branch='pa',
            milestones=[1],
            begin=0,
            end=3,
            by_epoch=True,
            epoch_length=4,
            optimizer=wrapper,
        )
        kind = PARAM_SCHEDULERS.get(cfg.pop('type'))
        assert kind.build_iter_from_epoch(**cfg).milestones == {4: 1}

    def test_no_such_branch(self):
        wrapper = make_wrapper(TwoBranches())
        with pytest.raises(
            ValueError, match=r"branch: expected one .*\(none, pa, rgb\), got 'flow'"
        ):
            schedule(wrapper, branch='flow', milestones=[1])

    def test_groups_without_branches(self):
        optimizer = torch.optim.SGD(TwoBranches().parameters(), lr=1)
        with pytest.raises(
            ValueError, match="constructor='mmmotion.BranchOptimWrapperConstructor'"
        ):
            schedule(optimizer, branch='pa', milestones=[1])
