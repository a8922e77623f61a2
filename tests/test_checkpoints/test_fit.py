"""A checkpoint of another architecture is refused in one sentence."""

import pytest
import torch
from mmaction.models import ResNet

import mmmotion  # noqa: F401
from mmmotion.checkpoints import check_state_dict
from mmmotion.engine.hooks import CheckpointMatchHook
from mmmotion.registry import MODELS


@pytest.fixture(scope='module')
def model():
    return MODELS.build(
        dict(
            type='mmmotion.MotionBackbone',
            motion=dict(type='mmmotion.PersistenceOfAppearance'),
            backbone=dict(type='ResNet', depth=18),
            with_rgb=True,
        )
    )


class TestCheckStateDict:
    def test_own_weights(self, model):
        check_state_dict(model, model.state_dict(), strict=True)

    def test_leaves_the_entries_alone(self, model):
        bare = ResNet(depth=18).state_dict()
        keys = list(bare)
        check_state_dict(model, bare, strict=False)
        assert list(bare) == keys
        assert bare['conv1.conv.weight'].shape[1] == 3

    def test_other_depth(self, model):
        other = {f'backbone.{k}': v for k, v in ResNet(depth=50).state_dict().items()}
        with pytest.raises(
            ValueError, match='checkpoint: expected the 122 weights of MotionB.*got'
        ):
            check_state_dict(model, other, strict=True)

    def test_nothing_in_common(self, model):
        with pytest.raises(ValueError, match=r'kernels of backbone, a ResNet, got 0.0% of'):
            check_state_dict(model, {'module.weight': torch.zeros(3)}, strict=False)

    def test_fine_tuning_may_change_the_classifier(self, model):
        weights = model.state_dict()
        weights['motion.conv.weight'] = torch.zeros(1)
        check_state_dict(model, weights, strict=False)
        with pytest.raises(ValueError, match=r'motion.conv.weight \(expected \(8, 3, 7, 7\), got'):
            check_state_dict(model, weights, strict=True)


class FakeRunner:
    _train_loop = None
    _resume = False


def test_hook_reads_both_layouts(model):
    runner = FakeRunner()
    runner.model = model
    wrapped = {f'module.{k}': v for k, v in model.state_dict().items()}
    CheckpointMatchHook().after_load_checkpoint(runner, dict(state_dict=wrapped))
    with pytest.raises(ValueError, match='another architecture'):
        CheckpointMatchHook().after_load_checkpoint(runner, dict(a=torch.zeros(1)))
