"""The 3D networks of residual frames; H != W, T != C throughout."""

import runpy
import sys
from functools import lru_cache, reduce
from pathlib import Path

import pytest
import torch
from mmaction.models.backbones.resnet2plus1d import ResNet2Plus1d
from mmaction.models.common import Conv2plus1d
from mmaction.structures import ActionDataSample
from reference import residual as reference
from torch import nn
from torch.nn import functional as F
from torchvision.models.video import s3d

import mmmotion  # noqa: F401
from mmmotion.apis.complexity import count_executed
from mmmotion.converters import resnet3d
from mmmotion.models import S3D, InceptionI3d, R2Plus1d, ResNet3dPool
from mmmotion.models.backbones.frame_conv import FrameConv3d
from mmmotion.models.backbones.inception_i3d import _Mixed, _Unit
from mmmotion.registry import MODELS

TOOL = str(Path(__file__).parents[2] / 'tools/convert/resnet3d_pytorch.py')
ALL = {
    'pool': (ResNet3dPool, dict(act='elu'), 512),
    'stride': (ResNet3dPool, dict(downsample='stride', shortcut='B'), 512),
    'r2plus1d': (R2Plus1d, dict(act='elu'), 512),
    'i3d': (InceptionI3d, dict(act='elu'), 1024),
    's3d': (S3D, dict(act='elu'), 1024),
}


def draw(*shape, seed=0):
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed))


def count(model, num_classes=400):
    width = 1024 if isinstance(model, (InceptionI3d, S3D)) else 512
    return sum(p.numel() for p in model.parameters()) + (width + 1) * num_classes


class TestAll:
    @pytest.mark.parametrize('name', ['pool', 'r2plus1d', 'i3d', 's3d'])
    def test_smoke(self, name):
        """Any channels in, a map out, every parameter learns, eval repeats itself."""
        cls, settings, width = ALL[name]
        model = MODELS.build(dict(type=cls.__name__, in_channels=2, **settings))
        model.init_weights()
        clip = draw(2, 2, 8, 17, 24)
        out = model.train()(clip)
        assert out.shape[:2] == (2, width)
        out.square().sum().backward()
        assert [n for n, p in model.named_parameters() if p.grad is None] == []
        assert all(p.grad.isfinite().all() for p in model.parameters())
        with torch.no_grad():
            assert torch.equal(model.eval()(clip), model(clip))

    @pytest.mark.parametrize('name', ALL)
    @torch.no_grad()
    def test_shape(self, name):
        cls, settings, width = ALL[name]
        frames, height = (1, 1) if name in ('pool', 'stride') else (2, 1)
        with torch.device('meta'):
            out = cls(**settings).eval()(torch.empty(1, 3, 16, 32, 64))
        assert out.shape == (1, width, frames, height, 2)

    @pytest.mark.parametrize(
        ('cls', 'settings', 'expected'),
        [
            (ResNet3dPool, dict(downsample='stride'), 33_235_280),
            (ResNet3dPool, dict(downsample='pool', act='elu'), 33_235_280),
            (ResNet3dPool, dict(downsample='stride', shortcut='B'), 33_409_104),
            (ResNet3dPool, dict(downsample='pool', shortcut='B'), 33_409_104),
            (ResNet3dPool, dict(fea_diff=True), 33_235_280),
            (R2Plus1d, {}, 33_432_945),  # MMAction2's; torchvision's, of another stem: 31,505,325
            (InceptionI3d, {}, 12_697_264),
            (S3D, {}, 8_320_048),  # as torchvision says of its own
        ],
    )
    def test_parameters_with_400_classes(self, cls, settings, expected):
        with torch.device('meta'):
            assert count(cls(**settings)) == expected

    @pytest.mark.parametrize('name', ALL)
    def test_activation(self, name):
        cls, settings, _ = ALL[name]
        with torch.device('meta'):
            elu, relu = cls(**{**settings, 'act': 'elu'}), cls(**{**settings, 'act': 'relu'})
        kinds = [
            [type(m) for m in model.modules() if isinstance(m, (nn.ReLU, nn.ELU))]
            for model in (elu, relu)
        ]
        assert set(kinds[0]) == {nn.ELU}
        assert set(kinds[1]) == {nn.ReLU}
        assert len(kinds[0]) == len(kinds[1])
        with pytest.raises(ValueError, match="act: expected 'relu' or 'elu', got 'gelu'"):
            cls(act='gelu')

    @pytest.mark.parametrize('name', ['stride', 's3d'])
    def test_checkpoint(self, name, tmp_path):
        """init_cfg is honoured, and weights of RGB reach a network of other inputs."""
        cls, settings, _ = ALL[name]
        source, path = cls(**settings), tmp_path / 'source.pth'
        torch.save(source.state_dict(), path)
        step = dict(type='Pretrained', checkpoint=str(path))
        model = cls(in_channels=1, init_cfg=step, **settings)
        model.init_weights()
        (first, loaded), *others = zip(
            source.state_dict().values(), model.state_dict().values(), strict=True
        )
        torch.testing.assert_close(loaded, first.mean(1, keepdim=True))
        assert all(torch.equal(a, b) for a, b in others)

    @pytest.mark.parametrize('name', ['pool', 'r2plus1d', 'i3d', 's3d'])
    @torch.no_grad()
    def test_recogniser(self, name):
        """Behind residual frames, before MMAction2's head: a loss of a batch."""
        cls, settings, width = ALL[name]
        motion = dict(
            type='mmmotion.MotionBackbone',
            motion=dict(type='mmmotion.ResidualFrames'),
            backbone=dict(type=f'mmmotion.{cls.__name__}', **settings),
            clip_len=9,
        )
        head = dict(type='I3DHead', num_classes=5, in_channels=width)
        model = MODELS.build(dict(type='Recognizer3D', backbone=motion, cls_head=head))
        samples = [ActionDataSample().set_gt_label(label) for label in (0, 3)]
        loss = model(draw(2, 1, 3, 9, 17, 24), samples, mode='loss')['loss_cls']
        assert loss.isfinite()
        assert loss > 0


@lru_cache
def _random_resnet3d(shortcut):
    return reference.random_resnet3d(shortcut=shortcut, num_classes=4)


def random_resnet3d(shortcut):
    return dict(_random_resnet3d(shortcut))


def load_public(weights, **settings):
    weights = {key.removeprefix('module.'): value for key, value in weights.items()}
    state_dict = resnet3d.place(weights, resnet3d.infer_backbone(weights))
    with torch.device('meta'):
        model = ResNet3dPool(**settings)
    own = {k.removeprefix('backbone.'): v for k, v in state_dict.items() if 'backbone' in k}
    model.load_state_dict(own, assign=True)
    return model.eval()


class TestFrameConv3d:
    @pytest.mark.parametrize('frames', [1, 2])
    @pytest.mark.parametrize(
        'settings',
        [
            dict(kernel_size=3, padding=1),
            dict(kernel_size=(7, 3, 3), stride=2, padding=(3, 1, 1), bias=False),
            dict(kernel_size=(1, 3, 3), padding=(0, 2, 2), dilation=(1, 2, 2), groups=2),
            dict(kernel_size=(3, 1, 1), padding=(2, 0, 0)),
        ],
    )
    def test_reference(self, settings, frames):
        """The same maps and gradients as Conv3d has, of a lone frame and of more."""
        ours = FrameConv3d(4, 6, **settings).double()
        reference = nn.Conv3d(4, 6, **settings).double()
        reference.load_state_dict(ours.state_dict())
        clip = draw(2, 4, frames, 5, 7).double()
        out, expected = ours(clip), reference(clip)
        torch.testing.assert_close(out, expected)
        out.square().sum().backward()
        expected.square().sum().backward()
        torch.testing.assert_close(ours.weight.grad, reference.weight.grad)

    def test_lone_frame_costs_a_third(self):
        clip, kinds = draw(1, 4, 1, 5, 7), (FrameConv3d, nn.Conv3d)
        ours, reference = (count_executed(kind(4, 4, 3, padding=1), clip) for kind in kinds)
        assert (3 * ours, reference) == (15120, 15120)


class TestResNet3dPool:
    @pytest.mark.parametrize(
        ('shortcut', 'downsample', 'act', 'fea_diff'),
        [
            ('A', 'stride', 'relu', False),
            ('B', 'stride', 'relu', False),
            ('A', 'pool', 'elu', False),
            ('A', 'pool', 'elu', True),
        ],
    )
    @torch.no_grad()
    def test_reference(self, shortcut, downsample, act, fea_diff):
        weights = random_resnet3d(shortcut)
        settings = dict(downsample=downsample, fea_diff=fea_diff)
        model = load_public(weights, shortcut=shortcut, act=act, **settings)
        clip = draw(2, 3, 9, 33, 40)
        expected = reference.resnet3d(weights, clip, act=getattr(F, act), **settings)
        pooled = model(clip).mean((2, 3, 4))
        out = F.linear(pooled, weights['module.fc.weight'], weights['module.fc.bias'])
        assert ((out - expected).norm() / expected.norm()).item() < 1e-5

    @torch.no_grad()
    def test_half_as_wide(self):
        with torch.device('meta'):
            model = ResNet3dPool(base_channels=32, downsample='stride').eval()
            assert model(torch.empty(1, 3, 17, 32, 64)).shape == (1, 256, 2, 1, 2)
        stem, shapes = 3 * 7**3 * 32 + 2 * 32, ((32, 32), (32, 64), (64, 128), (128, 256))
        stages = [27 * c * d + 3 * 27 * d * d + 8 * d for c, d in shapes]
        assert sum(p.numel() for p in model.parameters()) == stem + sum(stages)

    def test_feature_difference_drops_a_frame(self):
        with torch.device('meta'):
            model = ResNet3dPool(fea_diff=True)
            assert model.conv1(torch.empty(1, 3, 17, 32, 32)).shape[2] == 16
        with pytest.raises(ValueError, match=r'T \+ 1 >= 2 frames .* got \(1, 3, 1, 32, 32\)'):
            ResNet3dPool(fea_diff=True)(torch.zeros(1, 3, 1, 32, 32))

    @pytest.mark.parametrize(
        ('settings', 'match'),
        [
            (dict(depth=50), 'depth: expected one of 18, 34, got 50'),
            (dict(downsample='max'), "downsample: expected one of stride, pool, got 'max'"),
            (dict(shortcut='C'), "shortcut: expected one of A, B, got 'C'"),
        ],
    )
    def test_exception(self, settings, match):
        with pytest.raises(ValueError, match=match):
            ResNet3dPool(**settings)


class TestI3D:
    @pytest.mark.parametrize('size', [(7, 12, 15), (8, 16, 33)])
    @torch.no_grad()
    def test_padding_is_same(self, size):
        """An output of stride 2 is centred where TensorFlow's is: torch's windows, shifted."""
        unit, clip = _Unit(3, 4, 7, 2).eval(), draw(1, 3, *size)
        out = unit(clip)
        padded = F.pad(clip, (6, 6) * 3)
        dense = F.conv3d(padded, unit.conv3d.weight) / (1 + 1e-3) ** 0.5
        starts = [6 - (max((-(-n // 2) - 1) * 2 + 7 - n, 0) // 2) for n in size]
        expected = dense[:, :, starts[0] :: 2, starts[1] :: 2, starts[2] :: 2]
        expected = expected[:, :, : -(-size[0] // 2), : -(-size[1] // 2), : -(-size[2] // 2)]
        torch.testing.assert_close(out, expected.relu(), rtol=1e-4, atol=1e-5)

    def test_keys(self):
        with torch.device('meta'):
            keys = InceptionI3d().state_dict()
        assert keys['Mixed_3b.b1b.conv3d.weight'].shape == (128, 96, 3, 3, 3)
        assert keys['Mixed_5c.b3b.bn.running_var'].shape == (128,)
        assert len({key.split('.')[0] for key in keys}) == 12

    @torch.no_grad()
    def test_block_reference(self):
        block, x = _Mixed(6, 4, (3, 5), (2, 3), 7).eval(), draw(2, 6, 3, 5, 4)

        def unit(name, x):
            weight = block.get_submodule(name).conv3d.weight
            out = F.conv3d(x, weight, padding=weight.shape[-1] // 2)
            return (out / (1 + 1e-3) ** 0.5).relu()

        largest = F.max_pool3d(x, 3, 1, 1)
        rows = [(x, ['b0']), (x, ['b1a', 'b1b']), (x, ['b2a', 'b2b']), (largest, ['b3b'])]
        expected = torch.cat([reduce(lambda y, n: unit(n, y), names, y) for y, names in rows], 1)
        assert block.out_channels == expected.shape[1] == 19
        torch.testing.assert_close(block(x), expected, rtol=1e-4, atol=1e-5)


class TestUpstreamsNetworks:
    @torch.no_grad()
    def test_s3d_is_torchvisions(self):
        upstream, clip = s3d(), draw(1, 3, 8, 33, 40)
        model = S3D()
        model.load_state_dict(upstream.features.state_dict(prefix='features.'), strict=True)
        assert torch.equal(model.eval()(clip), upstream.eval().features(clip))

    def test_s3d_gradients_of_the_fewest_frames(self):
        """oneDNN's gradient of the first convolution in time; in float64 it has no part."""
        conv, x = S3D().features[0][1][0], draw(2, 64, 8, 9, 12)
        conv(x).square().sum().backward()
        ours = conv.weight.grad.double()
        conv.double().zero_grad()
        conv(x.double()).square().sum().backward()
        assert ((ours - conv.weight.grad).norm() / ours.norm()).item() < 1e-5
        with pytest.raises(ValueError, match=r'T >= 8 frames, got \(1, 3, 7, 32, 32\)'):
            S3D()(torch.zeros(1, 3, 7, 32, 32))

    def test_r2plus1d_has_mmaction2s_weights(self):
        cfg = dict(depth=18, pretrained2d=False, conv1_kernel=(3, 7, 7))
        with torch.device('meta'):
            upstream = ResNet2Plus1d(conv_cfg=dict(type=Conv2plus1d), **cfg).state_dict()
            ours = R2Plus1d().state_dict()
        assert {k: v.shape for k, v in ours.items()} == {k: v.shape for k, v in upstream.items()}


@pytest.fixture
def convert(monkeypatch, capsys, tmp_path):
    """Run the tool on weights; return its status, OUT and what it said."""

    def convert(weights):
        source, out = tmp_path / 'in.pth', tmp_path / 'out.pth'
        torch.save(dict(arch='resnet-18', epoch=90, state_dict=weights), source)
        monkeypatch.setattr(sys, 'argv', ['tool', str(source), str(out)])
        status = 0
        try:
            runpy.run_path(TOOL, run_name='__main__')
        except SystemExit as leave:
            status = leave.code
        return status, out, capsys.readouterr()

    return convert


class TestConverter:
    @pytest.mark.parametrize('shortcut', ['A', 'B'])
    @pytest.mark.parametrize('depth', [18, 34])
    def test_keys(self, depth, shortcut):
        public = reference.resnet3d_shapes(depth, shortcut=shortcut)
        backbone = dict(depth=depth, downsample='stride', shortcut=shortcut)
        assert resnet3d.infer_backbone(public) == backbone
        places = resnet3d._find_places(backbone, num_classes=400)
        learned = {key: shape for key, shape in places.items() if 'num_batches' not in key}
        assert {resnet3d.key_in_recognizer(key): shape for key, shape in public.items()} == learned

    @torch.no_grad()
    def test_scores_are_those_of_the_public_network(self, convert):
        weights, clip = random_resnet3d('A'), draw(2, 3, 9, 33, 40)
        status, path, said = convert(weights)
        assert (status, said.out.count("shortcut='A'")) == (0, 1)
        checkpoint = torch.load(path, weights_only=True)
        head = dict(type='I3DHead', num_classes=4, in_channels=512)
        cfg = dict(type='Recognizer3D', backbone=checkpoint['meta']['backbone'], cls_head=head)
        with torch.device('meta'):
            model = MODELS.build(cfg)
        model.load_state_dict(checkpoint['state_dict'], strict=True, assign=True)
        out = model.eval()(clip[:, None], mode='tensor', stage='head')
        expected = reference.resnet3d(weights, clip)
        assert ((out - expected).norm() / expected.norm()).item() < 1e-5

    @pytest.mark.parametrize(
        ('change', 'match'),
        [
            (lambda w: w.update({'module.extra.weight': torch.ones(1)}), 'got extra.weight'),
            (lambda w: w.pop('module.layer2.1.bn2.bias'), 'none for backbone.layer2.1.conv2.bn.bi'),
            (lambda w: w.update({'module.bn1.bias': torch.ones(3)}), 'shape (64,), got (3,)'),
            (lambda w: w.pop('module.fc.bias'), 'none for cls_head.fc_cls.bias'),
            (
                lambda w: [w.pop(key) for key in list(w) if 'layer3.1' in key],
                'expected a ResNet-18-3D or -34-3D, with 2 or 6 blocks in layer3, got 1',
            ),
        ],
    )
    def test_exception(self, convert, change, match):
        weights = random_resnet3d('A')
        change(weights)
        status, path, said = convert(weights)
        (line,) = said.err.splitlines()
        assert status == 2
        assert match in line
        assert list(path.parent.glob('out.pth*')) == []
