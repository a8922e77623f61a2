"""The fast copy of a recogniser gives the scores of the original."""

import copy

import pytest
import torch
from mmaction.registry import MODELS
from mmengine.registry import DefaultScope
from torch import nn
from torch.nn.modules.batchnorm import _BatchNorm

from mmmotion.models.fast_inference import prepare_inference, use_channels_last

TSM = dict(type='ResNetTSM', depth=18, num_segments=4, pretrained=None, pretrained2d=False)
PA = dict(type='mmmotion.PersistenceOfAppearance', init_std=0.1)
HEAD = dict(type='mmmotion.VAPHead', num_classes=5, in_channels=512, num_segments=4, init_std=1)


def trained(network):
    """Return the network with statistics and slopes that folding a norm must not lose."""
    for module in network.modules():
        if isinstance(module, _BatchNorm):
            nn.init.uniform_(module.weight, 0.5, 1.5)
            nn.init.normal_(module.bias, std=0.1)
            nn.init.normal_(module.running_mean, std=0.1)
            nn.init.uniform_(module.running_var, 0.5, 1.5)
    return network.eval()


def build(backbone):
    torch.manual_seed(0)
    with DefaultScope.overwrite_default_scope('mmaction'):
        model = MODELS.build(dict(type='Recognizer2D', backbone=backbone, cls_head=HEAD))
    return trained(model)


@torch.no_grad()
def scores_of(model, frames):
    return model(frames, mode='tensor', stage='head').clone()


def relative(out, expected):
    assert out.shape == expected.shape
    return ((out - expected).norm() / expected.norm()).item()


def lite(network):
    return dict(
        type='mmmotion.MotionBackbone', motion=PA, backbone=network, clip_len=3, with_rgb=True
    )


CASES = [
    (lite(TSM), (2, 4, 3, 3, 32, 48)),
    (TSM, (2, 4, 3, 32, 48)),
    (lite(dict(type='mmpretrain.ResNet', depth=18)), (2, 4, 3, 3, 32, 48)),
    (lite(dict(type='timm.resnet18', pretrained=False)), (2, 4, 3, 3, 32, 48)),
]


class TestPrepareInference:
    @pytest.mark.parametrize(('backbone', 'shape'), CASES)
    def test_same_scores(self, backbone, shape):
        model, frames = build(backbone), torch.randn(shape)
        expected = scores_of(model, frames)
        before = copy.deepcopy(model.state_dict())
        assert relative(scores_of(prepare_inference(model), frames), expected) < 1e-5
        after = model.state_dict()  # the original is left alone
        assert all(torch.equal(after[key], before[key]) for key in before)
        assert torch.equal(scores_of(model, frames), expected)

    @pytest.mark.parametrize(('backbone', 'shape'), CASES)
    def test_bfloat16(self, backbone, shape):
        model, frames = build(backbone), torch.randn(shape)
        scores = scores_of(prepare_inference(model, dtype=torch.bfloat16), frames)
        assert scores.dtype == torch.float32
        assert relative(scores, scores_of(model, frames)) < 0.05

    def test_no_norm_is_left(self):
        fast = prepare_inference(build(lite(TSM)))
        assert not [m for m in fast.modules() if isinstance(m, nn.BatchNorm2d)]
        conv = fast.backbone.backbone.layer1[0].conv1.conv.net
        assert conv.weight.is_contiguous(memory_format=torch.channels_last)

    def test_motion_stays_in_float32(self):
        fast = prepare_inference(build(lite(TSM)), dtype=torch.bfloat16)
        assert fast.backbone.motion.conv.weight.dtype == torch.float32
        assert fast.backbone.backbone.conv1.conv.weight.dtype == torch.bfloat16


CLIP = (1, 3, 8, 64, 64)
R3D = dict(type='mmmotion.ResNet3dPool', base_channels=8)
# A network, its input, and how many norms have no convolution of their own before them.
NETWORKS = {
    'BNInception': (dict(type='mmmotion.BNInception'), (1, 3, 64, 64), 0),
    # The sums are carried on before they are normalised.
    'ECOLite': (dict(type='mmmotion.ECOLite'), CLIP, 6),
    'ConvStem': (dict(type='mmmotion.ConvStem'), (1, 3, 64, 64), 0),
    'InceptionI3d': (dict(type='mmmotion.InceptionI3d'), CLIP, 0),
    'S3D': (dict(type='mmmotion.S3D'), CLIP, 0),
    'R2Plus1d': (dict(type='mmmotion.R2Plus1d'), CLIP, 0),
    'ResNet3dPool': (R3D, CLIP, 0),
    # The difference of maps stands between the first convolution and its norm.
    'fea_diff': (dict(R3D, fea_diff=True), CLIP, 1),
}


class TestEveryBackbone:
    @pytest.mark.parametrize('name', NETWORKS)
    @torch.no_grad()
    def test_same_maps(self, name):
        config, shape, left = NETWORKS[name]
        torch.manual_seed(0)
        network = trained(MODELS.build(config))
        fast = prepare_inference(network)
        assert len([m for m in fast.modules() if isinstance(m, _BatchNorm)]) == left
        x = torch.randn(shape)
        assert relative(fast(x), network(x)) < 1e-4


class TestChannelsLast:
    def test_same_training_step(self):
        model, frames = build(lite(TSM)).train(), torch.randn(2, 4, 3, 3, 32, 48)
        model.cls_head.dropout.p = 0.0
        fast = copy.deepcopy(model)
        use_channels_last(fast)
        for network in (model, fast):
            network(frames, mode='tensor', stage='head').square().mean().backward()
        fast_grads = dict(fast.named_parameters())
        for name, parameter in model.named_parameters():
            if parameter.grad.norm() > 1e-6:
                assert relative(fast_grads[name].grad, parameter.grad) < 1e-3, name

    def test_keys_stay(self):
        model = build(lite(TSM))
        fast = copy.deepcopy(model)
        use_channels_last(fast)
        model.load_state_dict(fast.state_dict(), strict=True)
