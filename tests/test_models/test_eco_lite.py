"""ECOLite against a slow version on the released keys, with asymmetric input: H != W, T != C."""

import pytest
import torch
from reference.bn_inception import eco_lite, random_eco_weights, random_weights
from torch import nn

import mmmotion  # noqa: F401
from mmmotion.models import ECOLite
from mmmotion.models.backbones.bn_inception import own_key
from mmmotion.models.wrappers.first_conv import find_first_conv, fit_kernels
from mmmotion.registry import MODELS


@pytest.fixture(scope='module')
def weights():
    return random_eco_weights()


@pytest.fixture(scope='module')
def clip():
    return torch.randn(2, 3, 5, 32, 48, generator=torch.Generator().manual_seed(1))


def build(**backbone):
    return MODELS.build(
        dict(
            type='MotionBackbone',
            motion=dict(type='PersistenceOfAppearance', init_std=0.1),
            backbone=dict(type='mmmotion.ECOLite', **backbone),
            clip_len=6,
            with_rgb=True,
        )
    )


class TestShape:
    def test_parameters(self, weights):
        learned = [
            value
            for key, value in weights.items()
            if 'bn.' not in key or key.endswith(('weight', 'bias'))
        ]
        assert sum(p.numel() for p in ECOLite().parameters()) == sum(map(torch.numel, learned))

    @pytest.mark.parametrize(('frames', 'left'), [(1, 1), (5, 2)])
    def test_time_and_space(self, frames, left):
        model = ECOLite(in_channels=1).eval()
        assert model(torch.zeros(2, 1, frames, 64, 48)).shape == (2, 512, left, 2, 2)
        assert (model.out_channels, model.out_strides) == ((512,), (32,))

    def test_stacked_maps_at_224(self):
        seen = []
        model = ECOLite().eval()
        model.res3a.register_forward_pre_hook(lambda _, args: seen.append(args[0].shape))
        assert model(torch.zeros(1, 3, 4, 224, 224)).shape == (1, 512, 1, 7, 7)
        assert seen == [(1, 96, 4, 28, 28)]

    def test_images_are_no_clip(self):
        with pytest.raises(
            ValueError, match=r'clip: expected \(N, C, T, H, W\), got \(2, 3, 32, 4'
        ):
            ECOLite()(torch.zeros(2, 3, 32, 48))


class TestReference:
    def test_whole_network(self, weights, clip):
        model = ECOLite().eval()
        model.load_state_dict(weights, strict=True)
        torch.testing.assert_close(model(clip), eco_lite(weights, clip), rtol=1e-4, atol=1e-4)

    def test_released_file(self, weights, tmp_path):
        path, prefix = tmp_path / 'eco.pth', 'module.base_model.'
        torch.save(dict(state_dict={prefix + key: value for key, value in weights.items()}), path)
        init_cfg = dict(type='Pretrained', checkpoint=str(path), prefix=prefix)
        model = ECOLite(init_cfg=init_cfg)
        model.init_weights()
        for key, value in weights.items():
            assert torch.equal(model.state_dict()[own_key(key)], value), key


class TestTraining:
    def test_every_parameter_learns(self, clip):
        model = ECOLite().train()
        model(clip).square().mean().backward()
        assert [n for n, p in model.named_parameters() if p.grad is None] == []

    def test_constant_clip_is_finite_in_bfloat16(self):
        model = ECOLite().train()
        model.init_weights()
        with torch.autocast('cpu', torch.bfloat16):
            out = model(torch.full((2, 3, 4, 32, 32), 255.0))
        out.float().sum().backward()
        assert out.isfinite().all()
        assert all(p.grad.isfinite().all() for p in model.parameters())

    def test_partial_bn_is_of_the_2d_part(self):
        model = ECOLite(partial_bn=True).train()
        flat = [m.training for m in model.modules() if isinstance(m, nn.BatchNorm2d)]
        deep = [m.training for m in model.modules() if isinstance(m, nn.BatchNorm3d)]
        assert flat == [True] + [False] * (len(flat) - 1)
        assert all(deep)


class TestMotion:
    def test_clip_of_rgb_and_pa(self):
        model = build().eval()
        stacks = torch.randn(2, 3, 6, 32, 48)
        out = model.represent(stacks)
        assert out.shape == (2, 4, 5, 32, 48)
        assert torch.equal(out[:, :3], stacks[:, :, :5])
        assert torch.equal(out[:, 3], model.motion(stacks.transpose(1, 2)))
        assert model(stacks).shape == (2, 512, 2, 1, 2)

    def test_imagenet_weights(self, tmp_path):
        path, imagenet = tmp_path / 'bn_inception.pth', random_weights(num_classes=10)
        torch.save(imagenet, path)
        model = build(pretrained=str(path))
        model.init_weights()
        wanted = fit_kernels(imagenet['conv1_7x7_s2.weight'], 4, keep_rgb=True)
        assert torch.equal(find_first_conv(model.backbone).weight, wanted)
        key = 'inception_3c_double_3x3_1.weight'
        assert torch.equal(model.backbone.state_dict()[own_key(key)], imagenet[key])
