"""BNInception against a slow version on the public keys, with asymmetric input: H != W."""

import runpy
import sys
from contextlib import nullcontext
from pathlib import Path

import pytest
import torch
from mmengine.runner import load_checkpoint
from reference.bn_inception import bn_inception, random_weights
from torch import nn

import mmmotion  # noqa: F401
from mmmotion.models import BNInception
from mmmotion.models.backbones.bn_inception import own_key
from mmmotion.models.wrappers.first_conv import find_first_conv, fit_kernels
from mmmotion.registry import MODELS

ROOT = Path(__file__).parents[2]
TAPS = (
    *('inception_3a', 'inception_3b', 'inception_3c', 'inception_4a', 'inception_4b'),
    *('inception_4c', 'inception_4d', 'inception_5a', 'inception_5b'),
)


@pytest.fixture(scope='module')
def weights():
    return random_weights(num_classes=10)


@pytest.fixture(scope='module')
def public_file(weights, tmp_path_factory):
    path = tmp_path_factory.mktemp('public') / 'bn_inception.pth'
    torch.save(weights, path)
    return str(path)


@pytest.fixture(scope='module')
def images():
    return torch.randn(2, 3, 64, 96, generator=torch.Generator().manual_seed(1))


@pytest.fixture(scope='module')
def expected(weights, images):
    return bn_inception(weights, images)


def count(model):
    return sum(p.numel() for p in model.parameters())


def assert_holds(model, weights):
    state_dict = model.state_dict()
    for key, value in weights.items():
        if own_key(key):
            torch.testing.assert_close(state_dict[own_key(key)], value, rtol=0, atol=0)


class TestShape:
    def test_parameters(self):
        model = BNInception()
        assert count(model) == 10_270_240
        assert count(model) + count(nn.Linear(1024, 1000)) == 11_295_240

    def test_map_at_224(self):
        assert BNInception().eval()(torch.zeros(1, 3, 224, 192)).shape == (1, 1024, 7, 6)

    def test_odd_maps_halve_rounded_up(self):
        model = BNInception(out_indices=('inception_3b', 'inception_3c', 'inception_5b'))
        sizes = [tuple(x.shape[2:]) for x in model.eval()(torch.zeros(1, 3, 72, 56))]
        assert sizes == [(9, 7), (5, 4), (3, 2)]

    def test_taps(self, images):
        model = BNInception(out_indices=TAPS).eval()
        assert model.out_channels == (256, 320, 576, 576, 576, 608, 608, 1024, 1024)
        assert model.out_strides == (8, 8, 16, 16, 16, 16, 16, 32, 32)
        outs = model(images)
        for out, channels, stride in zip(outs, model.out_channels, model.out_strides, strict=True):
            assert out.shape == (2, channels, 64 // stride, 96 // stride)

    def test_stem_by_place(self, images):
        model = BNInception(out_indices=(3, 'conv1', -14)).eval()
        assert (model.out_channels, model.out_strides) == ((192, 64, 64), (8, 2, 2))
        pool2, conv1, again = model(images)
        assert pool2.shape == (2, 192, 8, 12)
        assert torch.equal(conv1, again)

    def test_later_stages_are_not_built(self):
        model = BNInception(out_indices=('inception_3b',))
        assert [name for name, _ in model.named_children()][-1] == 'inception_3b'


class TestException:
    @pytest.mark.parametrize('index', ['inception_6a', 14, -15, None])
    def test_unknown_stage(self, index):
        with pytest.raises(
            ValueError, match=r'out_indices: expected stages among conv1.*0\.\.13.*'
        ):
            BNInception(out_indices=('inception_3a', index))

    def test_no_stage(self):
        with pytest.raises(ValueError, match='out_indices: expected at least one stage, got none'):
            BNInception(out_indices=())


class TestReference:
    def test_every_block(self, weights, images, expected):
        model = BNInception(out_indices=tuple(expected)).eval()
        model.load_state_dict(weights, strict=True)
        for name, out in zip(expected, model(images), strict=True):
            torch.testing.assert_close(out, expected[name], rtol=1e-4, atol=1e-4, msg=name)

    def test_init_cfg(self, weights, public_file):
        model = BNInception(init_cfg=dict(type='Pretrained', checkpoint=public_file))
        model.init_weights()
        assert_holds(model, weights)

    def test_old_norms_and_no_counters(self, weights):
        old = {
            key: value[None] if '_bn.' in key else value
            for key, value in weights.items()
            if 'num_batches' not in key
        }
        model = BNInception()
        model.load_state_dict(old, strict=True)
        assert_holds(model, {key: weights[key] for key in old})

    def test_load_from_a_recogniser(self, weights, tmp_path):
        recognizer = MODELS.build(
            dict(type='Recognizer2D', backbone=dict(type='mmmotion.BNInception'))
        )
        path = tmp_path / 'recogniser.pth'
        torch.save({f'backbone.{key}': value for key, value in weights.items()}, path)
        load_checkpoint(recognizer, str(path), strict=True)
        assert_holds(recognizer.backbone, weights)

    def test_own_keys_load_strictly(self, images):
        model, other = BNInception().eval(), BNInception().eval()
        model.load_state_dict(other.state_dict(), strict=True)
        assert torch.equal(model(images), other(images))

    def test_public_file_serves_a_shorter_network(self, weights, images, expected):
        model = BNInception(out_indices=('inception_3c',)).eval()
        model.load_state_dict(weights, strict=True)
        torch.testing.assert_close(model(images), expected['inception_3c'], rtol=1e-4, atol=1e-4)

    def test_rgb_weights_for_flow(self, weights, public_file):
        model = BNInception(in_channels=10, out_indices=('conv1',), pretrained=public_file)
        model.init_weights()
        wanted = fit_kernels(weights['conv1_7x7_s2.weight'], 10, keep_rgb=False)
        assert torch.equal(find_first_conv(model).weight, wanted)

    def test_foreign_keys_are_reported(self):
        foreign = {'conv1.weight': torch.zeros(64, 3, 7, 7)}
        with pytest.raises(RuntimeError, match='Unexpected key.*conv1.weight'):
            BNInception(out_indices=('conv1',)).load_state_dict(foreign)


class TestTraining:
    def test_every_parameter_learns(self, images):
        model = BNInception().train()
        model(images).square().mean().backward()
        # Behind a batch norm a bias has gradient 0, but it has one.
        assert [n for n, p in model.named_parameters() if p.grad is None] == []

    @pytest.mark.parametrize('dtype', [torch.float32, torch.bfloat16])
    def test_constant_input_is_finite(self, dtype):
        model = BNInception().train()
        model.init_weights()
        with torch.autocast('cpu', dtype, enabled=dtype != torch.float32):
            out = model(torch.full((2, 3, 32, 48), 255.0))
        out.float().sum().backward()
        assert out.isfinite().all()
        assert all(p.grad.isfinite().all() for p in model.parameters())

    def test_partial_bn_leaves_the_first(self):
        model = BNInception(partial_bn=True).train()
        norms = [m for m in model.modules() if isinstance(m, nn.BatchNorm2d)]
        assert [m.training for m in norms] == [True] + [False] * 68
        assert [m.weight.requires_grad for m in norms] == [True] + [False] * 68
        assert all(m.training for m in nn.SyncBatchNorm.convert_sync_batchnorm(model).conv1)

    def test_norm_eval_keeps_statistics(self, images):
        model = BNInception(norm_eval=True, out_indices=('conv1',)).train()
        model(images)
        assert model.state_dict()['conv1.7x7_s2.bn.num_batches_tracked'] == 0
        assert all(p.requires_grad for p in model.parameters())


class TestMotion:
    def test_pa_in_front(self, weights, public_file):
        model = MODELS.build(
            dict(
                type='MotionBackbone',
                motion=dict(type='PersistenceOfAppearance', init_std=0.1),
                backbone=dict(type='mmmotion.BNInception', pretrained=public_file),
                with_rgb=True,
            )
        )
        model.init_weights()
        wanted = fit_kernels(weights['conv1_7x7_s2.weight'], 6, keep_rgb=True)
        assert torch.equal(find_first_conv(model.backbone).weight, wanted)
        assert_holds(model.backbone, {k: v for k, v in weights.items() if 'conv1_7' not in k})
        stacks = torch.randn(2, 3, 4, 64, 96)
        assert not model.is_3d
        assert model.eval()(stacks).shape == (2, 1024, 2, 3)

    def test_bare_public_checkpoint(self, weights):
        model = MODELS.build(
            dict(
                type='MotionBackbone',
                motion=dict(type='PersistenceOfAppearance'),
                backbone=dict(type='mmmotion.BNInception'),
            )
        )
        model.load_state_dict(weights, strict=False)
        key = 'inception_5b_double_3x3_2.weight'
        assert torch.equal(model.backbone.state_dict()[own_key(key)], weights[key])


class TestConverter:
    @pytest.fixture
    def convert(self, monkeypatch, capsys):
        def convert(*args, status=0):
            script = ROOT / 'tools/convert/bn_inception_pytorch.py'
            monkeypatch.setattr(sys, 'argv', [str(script), *map(str, args)])
            with pytest.raises(SystemExit) if status else nullcontext() as leave:
                runpy.run_path(str(script), run_name='__main__')
            assert (leave.value.code if status else 0) == status
            return capsys.readouterr()

        return convert

    def test_loads_and_says_what_is_left_out(self, convert, public_file, weights, tmp_path):
        out = tmp_path / 'ours.pth'
        said = convert(public_file, out, '--prefix', 'backbone.').out
        assert 'left out with the classifier: last_linear.weight, last_linear.bias' in said
        recognizer = MODELS.build(
            dict(type='Recognizer2D', backbone=dict(type='mmmotion.BNInception'))
        )
        load_checkpoint(recognizer, str(out), strict=True)
        assert_holds(recognizer.backbone, weights)

    @pytest.mark.parametrize(
        ('change', 'sentence'),
        [
            (
                dict(layer9=torch.zeros(1)),
                'checkpoint: expected weights of a BN-Inception, got layer9',
            ),
            ({'conv1_7x7_s2.bias': None}, 'got none for conv1.7x7_s2.conv.bias'),
            ({'conv1_7x7_s2.bias': torch.zeros(9)}, 'size mismatch for conv1.7x7_s2.conv.bias'),
        ],
    )
    def test_wrong_file(self, convert, weights, tmp_path, change, sentence):
        wrong = {key: value for key, value in {**weights, **change}.items() if value is not None}
        torch.save(wrong, tmp_path / 'wrong.pth')
        said = convert(tmp_path / 'wrong.pth', tmp_path / 'out.pth', status=2).err
        (line,) = [line for line in said.splitlines() if line.startswith('error: ')]
        assert sentence in line
        assert [path.name for path in tmp_path.iterdir()] == ['wrong.pth']

    def test_same_file(self, convert, public_file):
        said = convert(public_file, public_file, status=2).err
        assert 'OUT: expected another file than IN' in said
