"""Hooks that put a model into its fastest form."""

from types import SimpleNamespace

import pytest
import torch

from mmmotion.engine import ChannelsLastHook, FastInferenceHook
from mmmotion.registry import MODELS


@pytest.fixture
def runner():
    torch.manual_seed(0)
    tsm = dict(type='ResNetTSM', depth=18, num_segments=4, pretrained=None, pretrained2d=False)
    head = dict(type='mmmotion.VAPHead', num_classes=5, in_channels=512, num_segments=4)
    model = MODELS.build(dict(type='Recognizer2D', backbone=tsm, cls_head=head)).eval()
    return SimpleNamespace(model=model)


def score(model, clips):
    return model(clips, mode='tensor', stage='head')[0]


def is_channels_last(model):
    weight = model.backbone.layer2[0].conv2.conv.weight
    return weight.is_contiguous(memory_format=torch.channels_last)


class TestChannelsLast:
    def test_on_a_cpu(self, runner):
        clips = torch.randn(2, 4, 3, 32, 40)
        keys, expected = list(runner.model.state_dict()), score(runner.model, clips)
        ChannelsLastHook().before_run(runner)
        assert is_channels_last(runner.model)
        assert list(runner.model.state_dict()) == keys
        torch.testing.assert_close(score(runner.model, clips), expected)

    def test_elsewhere(self, runner):
        ChannelsLastHook(devices=('cuda',)).before_run(runner)
        assert not is_channels_last(runner.model)


class TestFastInference:
    @pytest.mark.parametrize(('dtype', 'tolerance'), [('float32', 1e-5), ('bfloat16', 0.05)])
    def test_scores_stay(self, runner, dtype, tolerance):
        clips, original = torch.randn(2, 4, 3, 32, 40), runner.model
        expected = score(original, clips)
        FastInferenceHook(dtype).before_test(runner)
        assert runner.model is not original
        out = score(runner.model, clips)
        assert out.dtype == torch.float32
        assert (out - expected).norm() < tolerance * expected.norm()

    def test_unknown_type(self):
        with pytest.raises(ValueError, match='dtype: expected one of float32, bfloat16, got'):
            FastInferenceHook('int8')
