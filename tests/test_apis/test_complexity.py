"""The published parameter and multiply-add counts of PAN."""

import pytest
import torch
from mmengine.config import Config

import mmmotion  # noqa: F401
from mmmotion.apis.complexity import count_as_published, count_executed, count_parameters
from mmmotion.ops import PersistenceOfAppearance


def pan_lite(size):
    from mmmotion.registry import MODELS

    cfg = Config.fromfile('configs/pan/pan_lite_r50_sthv2.py').model
    cfg.backbone.backbone.pretrained = None
    model = MODELS.build(cfg).eval()
    stacks = torch.zeros(8, 3, 4, size, size)
    return torch.nn.Sequential(model.backbone, _Head(model.cls_head)), stacks


class _Head(torch.nn.Module):
    def __init__(self, head):
        super().__init__()
        self.head = head

    def forward(self, x):
        return self.head(x, num_segs=8)


class TestPersistence:
    """Table I: N = 8, m = 6, 224."""

    def test_parameters(self):
        assert count_parameters(PersistenceOfAppearance()) == 1184

    def test_multiply_adds(self):
        macs = count_as_published(PersistenceOfAppearance(), torch.zeros(8, 6, 3, 224, 224))
        assert macs == pytest.approx(2.868e9, abs=0.0005e9)

    def test_multiply_adds_of_attention(self):
        attention = PersistenceOfAppearance(encoding='e2')
        assert count_parameters(attention) == 1184
        macs = count_as_published(attention, torch.zeros(8, 6, 3, 224, 224))
        assert macs == pytest.approx(2.884e9, abs=0.0005e9)


class TestPANLite:
    @pytest.mark.parametrize(('size', 'published'), [(224, 35.7e9), (256, 46.6e9)])
    def test_multiply_adds(self, size, published):
        assert count_as_published(*pan_lite(size)) == pytest.approx(published, rel=0.01)

    def test_ours_costs_less(self):
        model, stacks = pan_lite(64)
        assert count_executed(model, stacks) < count_as_published(model, stacks)


def test_rules_on_a_known_network():
    network = torch.nn.Sequential(
        torch.nn.Conv2d(2, 4, 3, padding=1, groups=2),
        torch.nn.BatchNorm2d(4),
        torch.nn.Flatten(),
        torch.nn.Linear(4 * 5 * 6, 7),
    ).eval()
    x = torch.zeros(3, 2, 5, 6)
    convolution, norm, linear = 3 * 4 * 5 * 6 * 9, 2 * 3 * 4 * 5 * 6, 3 * 4 * 5 * 6 * 7
    assert count_as_published(network, x) == convolution + norm + linear
    assert count_executed(network, x) == convolution + linear
