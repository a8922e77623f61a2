"""Modules plugged into backbones: 2D, folded, 3D and (2+1)D."""

import copy

import pytest
import torch
from mmengine.runner import load_state_dict
from torch import nn

import mmmotion  # noqa: F401
from mmmotion.registry import MODELS

FLOW = dict(num_iters=2)
BACKBONES = {
    'ResNet': (dict(type='ResNet', depth=18), 'layer2', 128),
    'mmpretrain': (dict(type='mmpretrain.ResNet', depth=18), 'layer2', 128),
    'R3D': (dict(type='ResNet3d', depth=18, pretrained=None, pretrained2d=False), 'layer1', 64),
    'R(2+1)D': (dict(type='mmmotion.R2Plus1d'), 'layer1', 64),
}


def block(channels, **kwargs):
    return dict(type='RepFlowBlock', in_channels=channels, channels=4, flow=FLOW, **kwargs)


def build(backbone, *plugins, **kwargs):
    torch.manual_seed(0)
    model = MODELS.build(
        dict(
            type='PluggedBackbone',
            backbone=backbone,
            plugins=[dict(after=after, module=module) for after, module in plugins],
            **kwargs,
        )
    )
    model.init_weights()
    return model.eval()


@pytest.fixture(scope='module')
def clips():
    return torch.randn(2, 3, 5, 32, 48, generator=torch.Generator().manual_seed(1))


class TestPluggedBackbone:
    @pytest.mark.parametrize('name', BACKBONES)
    def test_backbones(self, clips, name):
        """Clips in, clips out; every parameter of the block learns."""
        backbone, after, channels = BACKBONES[name]
        model = build(backbone, (after, block(channels)))
        out = model(clips)
        assert out.dim() == 5
        assert out.shape[:2] == (2, 512)
        assert out.shape[2] == (4 if not model.is_3d else out.shape[2])
        out.sum().backward()
        assert all(p.grad is not None for p in model.plugins.parameters())

    def test_is_the_backbone_with_the_block_in_it(self, clips):
        model = build(dict(type='ResNet', depth=18), ('layer2', block(128)))
        bare = copy.deepcopy(model.backbone)
        bare.layer2._forward_hooks.clear()
        x = clips.transpose(1, 2).flatten(0, 1)
        x = bare.layer2(bare.layer1(bare.maxpool(bare.conv1(x))))
        x = model.plugins[0](x.unflatten(0, (2, 5))).flatten(0, 1)
        expected = bare.layer4(bare.layer3(x)).unflatten(0, (2, 4)).transpose(1, 2)
        torch.testing.assert_close(model(clips), expected)

    def test_folded_frames(self, clips):
        """A head that averages over T frames averages over the T - 1 that are left."""
        plugin = 'layer2', block(128)
        frames = clips.transpose(1, 2).flatten(0, 1)
        folded = build(dict(type='ResNet', depth=18), plugin, num_frames=5)(frames)
        left = build(dict(type='ResNet', depth=18), plugin)(clips)
        assert folded.shape[0] == 10
        torch.testing.assert_close(folded.unflatten(0, (2, 5)).mean(1), left.mean(2))
        torch.testing.assert_close(folded.unflatten(0, (2, 5))[:, 3], left[:, :, 3])

    def test_bare_checkpoint_loads(self, clips):
        backbone = dict(type='ResNet', depth=18)
        model = build(backbone, ('layer2', block(128)))
        bare = MODELS.build(dict(type='mmaction.ResNet', depth=18))
        for value in bare.state_dict().values():
            value.add_(1)
        inner = {key.removeprefix('backbone.') for key in model.state_dict() if 'plug' not in key}
        assert inner == set(bare.state_dict())
        load_state_dict(model, bare.state_dict())
        for key, value in bare.state_dict().items():
            assert torch.equal(model.backbone.state_dict()[key], value)

    @pytest.mark.parametrize(('after', 'size'), [('input', 32), ('stem', 8), ('conv1', 16)])
    def test_stages(self, clips, after, size):
        seen = []
        channels = 3 if after == 'input' else 64
        model = build(dict(type='ResNet', depth=18), (after, block(channels)))
        model.plugins[0].register_forward_hook(lambda _, args, out: seen.append(args[0].shape))
        assert model(clips).shape[2] == 4
        assert seen == [(2, 5, channels, size, size * 3 // 2)]

    def test_two_plugins(self, clips):
        model = build(dict(type='ResNet', depth=18), ('layer1', block(64)), ('layer3', block(256)))
        assert model(clips).shape[2] == 3

    def test_several_levels(self, clips):
        backbone = dict(type='ResNet', depth=18, out_indices=(1, 3))
        low, high = build(backbone, ('layer2', block(128)))(clips)
        assert low.shape == (2, 128, 4, 4, 6)
        assert high.shape == (2, 512, 4, 1, 2)

    def test_deepcopy(self, clips):
        """A copy runs its own modules, as prepare_inference and EMA need."""
        model = build(dict(type='ResNet', depth=18), ('layer2', block(128)))
        twin = copy.deepcopy(model)
        assert torch.equal(twin(clips), model(clips))
        nn.init.zeros_(twin.plugins[0].expand[0].weight)
        assert not torch.equal(twin(clips), model(clips))

    @pytest.mark.parametrize('after', ['layer9', 'layer2.5', ''])
    def test_unknown_stage(self, after):
        match = r'after: .*ResNet, one of input, stem, conv1, maxpool, layer1, .* layer4 .* got'
        with pytest.raises(ValueError, match=match):
            build(dict(type='ResNet', depth=18), (after, block(64)))

    def test_shape(self, clips):
        model = build(dict(type='ResNet', depth=18), ('layer2', block(128)))
        with pytest.raises(
            ValueError, match=r'x: expected clips \(N, C, T, H, W\), .* got \(10, 3'
        ):
            model(clips.transpose(1, 2).flatten(0, 1))

    def test_shifting_backbone(self):
        """Among T segments, not among the T - 1 that a flow would leave."""
        tsm = dict(type='ResNetTSM', depth=18, num_segments=5, pretrained=None, pretrained2d=False)
        with pytest.raises(
            ValueError, match="last_frame: expected 'repeat' or 'zero' in ResNetTSM"
        ):
            build(tsm, ('layer2', block(128)))
        model = build(tsm, ('layer2', block(128, last_frame='repeat')))
        assert model(torch.randn(1, 3, 5, 32, 32)).shape == (1, 512, 5, 1, 1)

    def test_half_the_parameters_of_two_streams(self):
        """21 M against 42 M with ResNet-34 (the paper's section 4)."""
        flow = dict(type='RepFlowBlock', in_channels=128)
        backbone = dict(type='ResNet', depth=34)
        ours = sum(p.numel() for p in build(backbone, ('layer2', flow)).parameters())
        stream = sum(p.numel() for p in MODELS.build(dict(backbone)).parameters())
        assert round(ours / 1e6) == 21
        assert int(2 * stream / 1e6) == 42
        assert ours < 0.51 * 2 * stream
