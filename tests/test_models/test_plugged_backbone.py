"""Modules plugged into backbones: 2D, folded, 3D and (2+1)D."""

import copy
import re
from pathlib import Path

import pytest
import torch
from mmengine.config import Config, DictAction
from mmengine.runner import load_state_dict
from torch import nn

import mmmotion  # noqa: F401
from mmmotion.registry import MODELS

REPFLOW = Path(__file__).parents[2] / 'configs/repflow'
VARIED = dict(  # what the README says that --cfg-options varies
    after=['input', 'stem', 'layer1', 'layer2', 'layer3', 'layer4'],
    learn=['none', 'all', 'sobel', 'divergence', 'hyperparameters'],
    num_iters=['10', '20', '100'],
    fusion=['none', 'add', 'multiply', 'layer_multiply', 'concat'],
)
ALL_LEARNED = "learn=('sobel', 'divergence', 'hyperparameters')"
FLOW = dict(num_iters=2)
TSM = dict(type='ResNetTSM', depth=18, num_segments=5, pretrained=None, pretrained2d=False)
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

    @pytest.mark.parametrize(
        ('backbone', 'after', 'channels'),
        [
            (dict(type='ResNet', depth=50), 'stem', 64),
            (dict(type='ResNet', depth=50), 'layer2', 512),
            (dict(type='ResNet', depth=50), 'layer2.0.conv1', 128),
            (dict(type='ResNet3dSlowOnly', depth=50, pretrained=None), 'layer3', 1024),
            (TSM, 'layer3', 256),
        ],
    )
    def test_channels_are_found(self, backbone, after, channels):
        """Nothing of the backbone changes by it: mode, statistics or hooks."""
        plugin = dict(type='RepFlowBlock', channels=4, flow=FLOW, last_frame='repeat')
        cfg = dict(type='PluggedBackbone', backbone=backbone)
        model = MODELS.build(dict(cfg, plugins=[dict(after=after, module=plugin)]))
        assert model.plugins[0].reduce.in_channels == channels
        norms = [m for m in model.modules() if isinstance(m, nn.modules.batchnorm._BatchNorm)]
        assert all(norm.num_batches_tracked == 0 for norm in norms)
        assert model.training
        assert all(module.training for module in model.modules())
        assert sum(len(module._forward_hooks) for module in model.backbone.modules()) == 1

    @pytest.mark.parametrize(
        ('plugin', 'match'),
        [
            (dict(after='layer1', module=block(128)), 'in_channels: expected 64, .* got 128'),
            (dict(after='input', module=block(64)), 'in_channels: expected 3, as input .* got 64'),
            (dict(module=block(64)), 'plugins: expected dicts of after and module, got one of mod'),
            (dict(cfg=block(64), stages=(True,)), 'plugins: expected dicts .* got one of cfg, st'),
        ],
    )
    def test_plugin_that_does_not_fit(self, plugin, match):
        cfg = dict(type='PluggedBackbone', backbone=dict(type='ResNet', depth=18))
        with pytest.raises(ValueError, match=match):
            MODELS.build(dict(cfg, plugins=[plugin]))

    def test_stage_that_never_runs(self):
        """A ModuleList holds others that run, and a hook on it would never fire."""
        backbone = dict(type='UniFormer', depth=[1, 1, 1, 1], embed_dim=[16, 32, 64, 64])
        with pytest.raises(ValueError, match='blocks2: expected a module that runs, got one that'):
            build(backbone, ('blocks2', block(32)))
        assert build(backbone, ('blocks2.0', block(32))).plugins[0].reduce.in_channels == 32

    def test_stage_without_a_map(self):
        backbone = dict(type='mmpretrain.VisionTransformer', arch='deit-tiny', img_size=224)
        match = r'layers.2: expected a module that gives maps \(N, C, H, W\) .* got \(1, \d+, 192\)'
        with pytest.raises(ValueError, match=match):
            build(backbone, ('layers.2', block(192)))

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
        with pytest.raises(
            ValueError, match="last_frame: expected 'repeat' or 'zero' in ResNetTSM"
        ):
            build(TSM, ('layer2', block(128)))
        model = build(TSM, ('layer2', block(128, last_frame='repeat')))
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


def documented_keys():
    text = (REPFLOW / 'README.md').read_text()
    return {key.rsplit('.', 1)[1]: key for key in re.findall(r'`(model\.[\w.]+)=\w+`', text)}


class TestDocumentedOptions:
    def test_all_are_tried(self):
        assert set(documented_keys()) == set(VARIED)

    @pytest.mark.parametrize(
        ('option', 'value'), [(option, value) for option in VARIED for value in VARIED[option]]
    )
    def test_option(self, clips, option, value):
        """As --cfg-options gives it: the network takes it and runs with it."""
        cfg = Config.fromfile(REPFLOW / 'repflow_flow_r34_tinykinetics.py')
        key = documented_keys()[option]
        cfg.merge_from_dict({key: DictAction._parse_int_float_bool(value)})
        cfg.model.backbone.backbone.depth = 18
        model = MODELS.build(cfg.model.backbone).eval()
        assert model(clips).shape[:3] == (2, 512, 4)
        (block,) = model.plugins
        stages = dict(input=3, stem=64, layer1=64, layer3=256, layer4=512)
        assert block.reduce.in_channels == stages.get(value, 128)
        written = f'{block} {block.fuse.kind} num_iters={block.flows[0].num_iters}'
        if option != 'after':
            assert value in written.replace('learn=()', 'none').replace(ALL_LEARNED, 'all')
