"""The rates of TSM's configs, of every parameter of whole recognisers with our modules in them."""

from fnmatch import fnmatchcase
from pathlib import Path
from types import SimpleNamespace

import mmaction
import pytest
import torch
from mmaction.registry import MODELS, OPTIM_WRAPPER_CONSTRUCTORS
from mmaction.structures import ActionDataSample
from mmengine.config import Config
from mmengine.logging import MessageHub
from mmengine.optim import build_optim_wrapper
from mmengine.registry import init_default_scope
from torch import nn

from mmmotion.compat import apply_cures
from mmmotion.engine import BranchScheduleHook
from mmmotion.registry import PARAM_SCHEDULERS

OURS = 'mmmotion.TSMOptimWrapperConstructor'
MMACTION = 'TSMOptimWrapperConstructor'
CONFIGS = Path(mmaction.__file__).parent / '.mim/configs/recognition'

R18 = dict(type='ResNetTSM', depth=18, num_segments=2, shift_div=8, norm_eval=False)
PA = dict(
    type='mmmotion.MotionBackbone',
    motion=dict(type='mmmotion.PersistenceOfAppearance'),
    backbone=R18,
)
BLOCK = dict(
    type='mmmotion.RepFlowBlock', channels=4, last_frame='repeat', norm=True,
    flow=dict(num_iters=2, learn='all'),
)  # fmt: skip
FLOW = dict(
    type='mmmotion.PluggedBackbone', backbone=R18, num_frames=2,
    plugins=[dict(after='layer2', module=BLOCK)],
)  # fmt: skip
RESIDUAL = dict(
    type='mmmotion.MotionBackbone',
    clip_len=5,
    motion=dict(type='mmmotion.ResidualFrames'),
    backbone=dict(type='mmmotion.ResNet3dPool'),
)
TSM_HEAD = dict(type='TSMHead', num_classes=3, in_channels=512, num_segments=2, is_shift=False)
VAP_HEAD = dict(type='mmmotion.VAPHead', num_classes=3, in_channels=512, num_segments=2)
I3D_HEAD = dict(type='I3DHead', num_classes=3, in_channels=512)


def recognizer(backbone, head, kind='Recognizer2D'):
    return dict(type=kind, backbone=backbone, cls_head=head)


RGB_BRANCH, PA_BRANCH = recognizer(R18, TSM_HEAD), recognizer(PA, VAP_HEAD)
BRANCHES = dict(
    type='mmmotion.BranchRecognizer',
    branches=dict(
        rgb=dict(RGB_BRANCH, sees=dict(type='mmmotion.PickFrame')),
        pa=PA_BRANCH,
        flow=dict(recognizer(FLOW, TSM_HEAD), sees=dict(type='mmmotion.PickFrame')),
    ),
)
TWO_BRANCHES = BRANCHES | dict(use=['rgb', 'pa'])

# (rate, decay) over the config's own, by the first pattern that fits a parameter's name
WEIGHT, BIAS, NORM = (1, 1), (2, 0), (1, 0)
FC_WEIGHT, FC_BIAS, FLOWS = (5, 1), (10, 0), (0.01, 0)
TABLE = {
    '*fc_cls.weight': FC_WEIGHT,
    '*fc_levels.?.weight': FC_WEIGHT,
    '*fc_cls.bias': FC_BIAS,
    '*fc_levels.?.bias': FC_BIAS,
    '*.flows.0.*': FLOWS,
    '*.bn.*': NORM,
    '*.bn1.*': NORM,
    '*.expand.1.*': NORM,
    '*.bias': BIAS,
    '*.weight': WEIGHT,
}


@pytest.fixture(autouse=True)
def scope():
    init_default_scope('mmaction')


def build(cfg):
    torch.manual_seed(0)
    return MODELS.build(cfg)


def make_wrapper(model, constructor=OURS, **paramwise_cfg):
    cfg = dict(
        type='OptimWrapper',
        constructor=constructor,
        paramwise_cfg=dict(fc_lr5=True) | paramwise_cfg,
        optimizer=dict(type='SGD', lr=0.1, weight_decay=0.01),
        clip_grad=dict(max_norm=20, norm_type=2),
    )
    return build_optim_wrapper(model, Config(dict(optim_wrapper=cfg)).optim_wrapper)


def rates(wrapper, model):
    """Return rate and decay of every parameter, over those of the config."""
    names = {id(parameter): name for name, parameter in model.named_parameters()}
    found = {}
    for group in wrapper.optimizer.param_groups:
        for parameter in group['params']:
            times = group['lr'] / 0.1, group['weight_decay'] / 0.01
            found[names[id(parameter)]] = tuple(round(value, 6) for value in times)
    return found


def by_table(model):
    return {
        name: next(rate for pattern, rate in TABLE.items() if fnmatchcase(name, pattern))
        for name, _ in model.named_parameters()
    }


def clips(*shape):
    samples = [ActionDataSample().set_gt_label(label) for label in range(shape[0])]
    return torch.rand(shape), samples


CASES = dict(
    branches=(BRANCHES, (2, 2, 3, 4, 32, 32)),
    flow=(recognizer(FLOW, TSM_HEAD), (2, 2, 3, 32, 32)),
    pa=(PA_BRANCH, (2, 2, 3, 4, 32, 32)),
    residual=(recognizer(RESIDUAL, I3D_HEAD, 'Recognizer3D'), (2, 1, 3, 5, 32, 32)),
    off=('configs/off/off_rgb_r18_motionshapes.py', (2, 3, 3, 64, 64)),
    dcd=('configs/dcd/dcd_full_r18_motionshapes.py', (2, 1, 3, 2, 32, 32)),
)


@pytest.mark.parametrize(('cfg', 'shape'), CASES.values(), ids=CASES)
def test_rate_of_every_parameter(cfg, shape):
    """And a step moves each by its own rate and decay."""
    model = build(cfg if isinstance(cfg, dict) else Config.fromfile(cfg).model)
    wrapper = make_wrapper(model)
    expected = by_table(model)
    assert rates(wrapper, model) == expected
    assert wrapper.clip_grad_kwargs == dict(max_norm=20, norm_type=2)

    before = {name: parameter.detach().clone() for name, parameter in model.named_parameters()}
    inputs, samples = clips(*shape)
    loss, _ = model.parse_losses(model(inputs, samples, mode='loss'))
    wrapper.backward(loss)
    wrapper.step()
    for name, parameter in model.named_parameters():
        rate, decay = expected[name]
        step = 0.1 * rate * (parameter.grad + 0.01 * decay * before[name])
        torch.testing.assert_close(parameter.detach(), before[name] - step)


def test_each_branch_as_upstream_rates_it_alone():
    model = build(BRANCHES)
    found = rates(make_wrapper(model), model)
    for name, cfg in dict(rgb=RGB_BRANCH, pa=PA_BRANCH).items():
        alone = build(cfg)
        expected = rates(make_wrapper(alone, MMACTION), alone)
        assert expected == {key: found[f'branches.{name}.{key}'] for key in expected}
        assert len(expected) == len(list(alone.parameters()))


@pytest.mark.parametrize('fc_lr5', [True, False])
@pytest.mark.parametrize(
    'cfg',
    [
        'tsm/tsm_imagenet-pretrained-mobilenetv2_8xb16-1x1x8-100e_kinetics400-rgb.py',
        'tsm/tsm_imagenet-pretrained-mobileone-s4_8xb16-1x1x16-50e_kinetics400-rgb.py',
        'trn/trn_imagenet-pretrained-r50_8xb16-1x1x8-50e_sthv2-rgb.py',
        RGB_BRANCH,
        PA_BRANCH,
        CASES['residual'][0],
    ],
    ids=['mobilenetv2', 'mobileone', 'trn', 'tsm', 'pa', 'residual'],
)
def test_as_upstream_where_that_is_right(cfg, fc_lr5):
    if isinstance(cfg, str):
        cfg = Config.fromfile(CONFIGS / cfg).model
    model = build(cfg)
    found = rates(make_wrapper(model, fc_lr5=fc_lr5), model)
    assert found == rates(make_wrapper(model, MMACTION, fc_lr5=fc_lr5), model)


def test_branches_learn_by_their_own_schedules():
    wrapper = make_wrapper(build(BRANCHES))
    assert {group['branch'] for group in wrapper.optimizer.param_groups} == {'rgb', 'pa', 'flow'}
    cfg = dict(type='mmmotion.BranchMultiStepLR', branch='flow', milestones=[1], gamma=0.5)
    scheduler = PARAM_SCHEDULERS.build(cfg, default_args=dict(optimizer=wrapper))
    wrapper.optimizer.step()
    scheduler.step()
    runner = SimpleNamespace(optim_wrapper=wrapper, message_hub=MessageHub('rates'))
    BranchScheduleHook().before_train_iter(runner, 0)
    logged = {name: log.current() for name, log in runner.message_hub.log_scalars.items()}
    assert logged == {'train/rgb.lr': 0.1, 'train/pa.lr': 0.1, 'train/flow.lr': 0.05}


def test_keys_of_the_config_come_first():
    model = build(BRANCHES)
    keys = {
        'motion.conv.weight': dict(lr_mult=5),
        'rgb.cls_head': dict(lr_mult=0.5, decay_mult=0),
        'flows.0.log_': dict(lr_mult=3),
    }
    changed = {
        'branches.pa.backbone.motion.conv.weight': (5, 1),
        'branches.rgb.cls_head.fc_cls.weight': (0.5, 0),
        'branches.rgb.cls_head.fc_cls.bias': (0.5, 0),
        **{
            f'branches.flow.backbone.plugins.0.flows.0.log_{name}': (3, 1)
            for name in ('tau', 'lam', 'theta')
        },
    }
    assert rates(make_wrapper(model, custom_keys=keys), model) == by_table(model) | changed


def test_in_a_wrapper_of_the_model():
    model = build(BRANCHES)
    assert rates(make_wrapper(nn.ModuleDict(dict(module=model))), model) == by_table(model)


@pytest.fixture
def uncured(monkeypatch):
    """Upstream's constructor as it was."""
    constructor = OPTIM_WRAPPER_CONSTRUCTORS.get(MMACTION)
    original = constructor.add_params.__wrapped__
    monkeypatch.setattr(constructor, 'add_params', original)
    monkeypatch.setattr(constructor, 'original', original, raising=False)
    return constructor


class WithToken(nn.Module):
    """A module with children and a parameter of its own."""

    def __init__(self, trains=True):
        super().__init__()
        self.token = nn.Parameter(torch.zeros(3), requires_grad=trains)
        self.layer = nn.Linear(3, 3)


class TestUpstreamsConstructor:
    """It says at build what it cannot place, and how to go on."""

    def test_symptom(self, uncured):
        with pytest.raises(ValueError, match='New atomic module type'):
            make_wrapper(build(recognizer(FLOW, TSM_HEAD)), MMACTION)
        model = build(TWO_BRANCHES)
        found = rates(make_wrapper(model, MMACTION), model)
        assert found['branches.rgb.cls_head.fc_cls.weight'] == WEIGHT
        assert found['branches.pa.cls_head.fc_cls.weight'] == FC_WEIGHT
        model.token = WithToken()
        assert 'token.token' not in rates(make_wrapper(model, MMACTION), model)

    def test_cured_once(self, uncured):
        apply_cures()
        apply_cures()
        assert uncured.add_params.__wrapped__ is uncured.original

    @pytest.mark.parametrize(
        ('cfg', 'said'),
        [
            (BRANCHES, r'has no rate for \S+plugins.0.flows.0 \(RepresentationFlow\)'),
            (recognizer(FLOW, TSM_HEAD), r'has no rate for \S+flows.0 \(RepresentationFlow\)'),
            (TWO_BRANCHES, 'takes branches.rgb.cls_head.fc_cls for a hidden layer'),
            (CASES['off'][0], 'takes cls_head.fc_cls for a hidden layer'),
            (CASES['dcd'][0], 'takes branches.static.cls_head.fc_cls for a hidden layer'),
        ],
        ids=['all', 'flow', 'branches', 'off', 'dcd'],
    )
    def test_refuses(self, cfg, said):
        model = build(cfg if isinstance(cfg, dict) else Config.fromfile(cfg).model)
        with pytest.raises(ValueError, match=f"'{OURS}', which takes the same .* which {said}$"):
            make_wrapper(model, MMACTION)

    def test_refuses_to_leave_a_parameter_out(self):
        model = build(RGB_BRANCH)
        model.backbone.token = WithToken()
        with pytest.raises(ValueError, match=r'has no rate for backbone.token \(WithToken\)'):
            make_wrapper(model, MMACTION)
        model.backbone.token = WithToken(trains=False)
        assert len(rates(make_wrapper(model, MMACTION), model)) == 64

    def test_branches_without_other_rates_of_classifiers(self):
        model = build(TWO_BRANCHES)
        table = by_table(model)
        plain = {FC_WEIGHT: WEIGHT, FC_BIAS: BIAS}
        expected = {name: plain.get(rate, rate) for name, rate in table.items()}
        assert rates(make_wrapper(model, MMACTION, fc_lr5=False), model) == expected


def test_no_classifier():
    with pytest.raises(ValueError, match='fc_lr5: expected a model with a head that ends in'):
        make_wrapper(build(R18))


def test_fc_lr5_of_the_other_constructor():
    """MMEngine leaves out what it does not know, and with it all of TSM's rates."""
    with pytest.raises(ValueError, match=f"expected '{OURS}' with fc_lr5 in paramwise_cfg, got"):
        make_wrapper(build(TWO_BRANCHES), 'mmmotion.BranchOptimWrapperConstructor')
