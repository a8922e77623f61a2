"""The published parameter and multiply-add counts of PAN."""

from pathlib import Path

import pytest
import torch
from mmengine.config import Config
from mmengine.registry import init_default_scope

import mmmotion  # noqa: F401
from mmmotion.apis.complexity import count_as_in_pan, count_executed, count_parameters
from mmmotion.ops import PersistenceOfAppearance
from mmmotion.registry import MODELS

ROOT = Path(__file__).parents[2]


def build(name):
    init_default_scope('mmaction')
    cfg = Config.fromfile(ROOT / f'configs/pan/{name}.py').model
    for recognizer in cfg.get('branches', dict(one=cfg)).values():
        recognizer.backbone.get('backbone', recognizer.backbone).pretrained = None
    return MODELS.build(cfg).eval()


class TestPersistence:
    """Table I: N = 8, m = 6, 224."""

    def test_parameters(self):
        assert count_parameters(PersistenceOfAppearance()) == 1184

    def test_multiply_adds(self):
        macs = count_as_in_pan(PersistenceOfAppearance(), torch.zeros(8, 6, 3, 224, 224))
        assert macs == pytest.approx(2.868e9, abs=0.0005e9)

    def test_multiply_adds_of_attention(self):
        attention = PersistenceOfAppearance(encoding='e2')
        assert count_parameters(attention) == 1184
        macs = count_as_in_pan(attention, torch.zeros(8, 6, 3, 224, 224))
        assert macs == pytest.approx(2.884e9, abs=0.0005e9)


class TestNetworks:
    """Tables V and VI: 8 segments of 4 frames."""

    @pytest.mark.parametrize(
        ('name', 'size', 'published'),
        [
            ('pan_lite_r50_sthv2', 224, 35.7e9),
            ('pan_lite_r50_sthv2', 256, 46.6e9),
            ('pan_full_r50_sthv2', 224, 67.7e9),
            ('pan_full_r50_sthv2', 256, 88.4e9),
            ('pan_lite_r101_sthv2', 256, 85.6e9),
            ('pan_full_r101_sthv2', 256, 166.1e9),
        ],
    )
    def test_multiply_adds(self, name, size, published):
        stacks = torch.zeros(1, 8, 3, 4, size, size, device='meta')  # shapes only, at once
        macs = count_as_in_pan(build(name).to('meta'), stacks, stage='head')
        assert macs == pytest.approx(published, rel=0.01)

    def test_ours_costs_less(self):
        model, stacks = build('pan_lite_r50_sthv2'), torch.zeros(1, 8, 3, 4, 64, 64)
        executed = count_executed(model, stacks, stage='head')
        assert executed < count_as_in_pan(model, stacks, stage='head')


def test_rules_on_a_known_network():
    network = torch.nn.Sequential(
        torch.nn.Conv2d(2, 4, 3, padding=1, groups=2),
        torch.nn.BatchNorm2d(4),
        torch.nn.Flatten(),
        torch.nn.Linear(4 * 5 * 6, 7),
    ).eval()
    x = torch.zeros(3, 2, 5, 6)
    convolution, norm, linear = 3 * 4 * 5 * 6 * 9, 2 * 3 * 4 * 5 * 6, 3 * 4 * 5 * 6 * 7
    assert count_as_in_pan(network, x) == convolution + norm + linear
    assert count_executed(network, x) == convolution + linear
