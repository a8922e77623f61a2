"""MotionBackbone against its parts, with asymmetric input: H != W, m != 3."""

import copy

import pytest
import torch
from mmaction.models import ResNet, ResNetTSM
from mmengine.runner import load_state_dict
from torch import nn

import mmmotion  # noqa: F401
from mmmotion.models.wrappers.first_conv import find_first_conv, fit_kernels
from mmmotion.registry import MODELS


def build(backbone=None, **kwargs):
    torch.manual_seed(0)
    model = MODELS.build(
        dict(
            type='MotionBackbone',
            motion=dict(type='PersistenceOfAppearance', init_std=0.1),
            backbone=backbone or dict(type='ResNet', depth=18),
            **kwargs,
        )
    )
    model.init_weights()
    return model.eval()


@pytest.fixture(scope='module')
def stacks():
    return torch.randn(2, 3, 4, 32, 48, generator=torch.Generator().manual_seed(1))


class TestRepresentation:
    def test_channels_are_rgb_then_maps_in_time_order(self, stacks):
        model = build(clip_len=4, with_rgb=True)
        out = model.represent(stacks)
        assert out.shape == (2, 6, 32, 48)
        assert torch.equal(out[:, :3], stacks[:, :, 0])
        for pair in range(3):
            alone = model.motion(stacks[:, :, pair : pair + 2].transpose(1, 2))
            torch.testing.assert_close(out[:, 3 + pair], alone[:, 0])

    def test_motion_alone(self, stacks):
        model = build(clip_len=4)
        assert torch.equal(model.represent(stacks), model.motion(stacks.transpose(1, 2)))

    def test_clip_for_3d_backbone(self, stacks):
        backbone = dict(
            type='ResNet3d',
            depth=18,
            pretrained=None,
            pretrained2d=False,
            conv_cfg=dict(type='Conv3d'),
        )
        model = build(backbone, clip_len=4, with_rgb=True)
        out = model.represent(stacks)
        assert out.shape == (2, 4, 3, 32, 48)
        assert torch.equal(out[:, :3], stacks[:, :, :3])
        assert torch.equal(out[:, 3], model.motion(stacks.transpose(1, 2)))
        assert model(stacks).shape[:2] == (2, 512)

    @pytest.mark.parametrize('with_rgb', [False, True])
    def test_stacks_in_a_row(self, stacks, with_rgb):
        """Motion is found within the stacks, never between the last frame of one and the next."""
        backbone = dict(type='ResNet3d', depth=18, pretrained=None, pretrained2d=False)
        model = build(backbone, clip_len=4, with_rgb=with_rgb)
        other = stacks.flip(0) + 3
        row = model.represent(torch.cat([stacks, other], dim=2))
        assert torch.equal(row[:, :, :3], model.represent(stacks))
        assert torch.equal(row[:, :, 3:], model.represent(other))

    def test_feature_is_the_backbones(self, stacks):
        model = build(clip_len=4, with_rgb=True)
        assert torch.equal(model(stacks), model.backbone(model.represent(stacks)))

    @pytest.mark.parametrize(
        'shape', [(2, 3, 5, 32, 48), (2, 4, 3, 32, 48), (2, 6, 4, 32, 48), (2, 12, 32, 48)]
    )
    def test_wrong_stacks(self, shape):
        with pytest.raises(ValueError, match=r'stacks: expected \(N, 3, 4, H, W\).*got'):
            build(clip_len=4)(torch.zeros(shape))

    def test_one_frame_is_no_motion(self):
        with pytest.raises(ValueError, match='clip_len: expected at least 2 frames.*got 1'):
            build(clip_len=1)


class TestForeignBackbones:
    @pytest.mark.parametrize(
        'backbone',
        [
            dict(type='mmpretrain.ResNet', depth=18),
            dict(type='timm.resnet18', pretrained=False),
            dict(type='ResNetTSM', depth=18, num_segments=2, pretrained=None, pretrained2d=False),
        ],
    )
    def test_every_source_gives_a_map(self, backbone, stacks):
        model = build(backbone, clip_len=4, with_rgb=True)
        assert model(stacks).shape == (2, 512, 1, 2)
        assert find_first_conv(model.backbone).in_channels == 6

    def test_segments_are_told_to_the_recogniser(self):
        tsm = dict(type='ResNetTSM', depth=18, num_segments=2, pretrained=None, pretrained2d=False)
        assert build(tsm).num_segments == 2
        assert build().num_segments is None

    def test_no_convolution(self):
        with pytest.raises(ValueError, match='backbone: expected a network with a 2D or 3D conv'):
            MODELS.build(
                dict(
                    type='MotionBackbone',
                    motion=dict(type='PersistenceOfAppearance'),
                    backbone=dict(type='mmengine.Identity')
                    if 'Identity' in MODELS.parent.module_dict
                    else dict(type='mmpretrain.GlobalAveragePooling'),
                )
            )


class TestPretrainedWeights:
    def test_kernels_for_new_channels(self):
        weight = torch.randn(4, 3, 7, 7)
        lite = fit_kernels(weight, 6, keep_rgb=True)
        assert torch.equal(lite[:, :3], weight)
        for channel in (3, 4, 5):
            torch.testing.assert_close(lite[:, channel], weight.mean(1))
        alone = fit_kernels(weight, 5, keep_rgb=False)
        torch.testing.assert_close(alone, weight.mean(1, keepdim=True).expand(-1, 5, -1, -1))
        assert fit_kernels(weight, 3, keep_rgb=False) is weight

    def test_checkpoint_of_the_bare_backbone(self):
        bare = ResNet(depth=18)
        bare.init_weights()
        model = build(clip_len=4, with_rgb=True)
        load_state_dict(model, bare.state_dict(), strict=False)
        loaded = model.backbone.state_dict()
        for key, value in bare.state_dict().items():
            if key == 'conv1.conv.weight':
                value = fit_kernels(value, 6, keep_rgb=True)
            assert torch.equal(loaded[key], value), key

    def test_own_checkpoint_loads_strictly(self):
        model, other = build(clip_len=4, with_rgb=True), build(clip_len=4, with_rgb=True)
        nn.init.ones_(other.motion.conv.weight)
        model.load_state_dict(other.state_dict(), strict=True)
        assert torch.equal(model.motion.conv.weight, other.motion.conv.weight)

    @pytest.mark.parametrize('pretrained2d', [True, False])
    def test_torchvision_weights_reach_the_widened_conv(self, tmp_path, pretrained2d):
        """MMAction2's own routes copy past the hooks; the parameter stays the optimizer's."""
        from torchvision.models import resnet18

        path = tmp_path / 'resnet18.pth'
        torch.manual_seed(3)
        torchvision = resnet18(weights=None)
        torch.save(torchvision.state_dict(), path)
        kind = dict(type='ResNetTSM', num_segments=2, pretrained2d=True)
        if not pretrained2d:
            kind = dict(type='ResNet')
        model = MODELS.build(
            dict(
                type='MotionBackbone',
                motion=dict(type='PersistenceOfAppearance'),
                backbone=dict(**kind, depth=18, pretrained=str(path)),
                with_rgb=True,
            )
        )
        held = find_first_conv(model.backbone).weight
        model.init_weights()
        assert find_first_conv(model.backbone).weight is held
        torch.testing.assert_close(held, fit_kernels(torchvision.conv1.weight, 6, keep_rgb=True))
        block = model.backbone.layer1[0].conv1.conv
        block = getattr(block, 'net', block)
        assert torch.equal(block.weight, torchvision.layer1[0].conv1.weight)

    def test_from_scratch_new_channels_differ(self):
        weight = find_first_conv(build(clip_len=4, with_rgb=True).backbone).weight
        assert not torch.allclose(weight[:, 3], weight[:, 4])


class TestTraining:
    def test_every_parameter_learns(self, stacks):
        model = build(clip_len=4, with_rgb=True).train()
        model(stacks).square().mean().backward()
        assert [n for n, p in model.named_parameters() if p.grad is None] == []

    @pytest.mark.parametrize('dtype', [torch.float32, torch.bfloat16])
    @pytest.mark.parametrize('value', [0.0, 1.7])
    def test_static_clip_is_finite(self, dtype, value):
        model = build(clip_len=4, with_rgb=True).train()
        with torch.autocast('cpu', dtype, enabled=dtype != torch.float32):
            out = model(torch.full((2, 3, 4, 32, 32), value))
        out.float().sum().backward()
        assert out.isfinite().all()
        assert all(p.grad.isfinite().all() for p in model.parameters())

    def test_copies_are_independent(self, stacks):
        model = build(clip_len=4, with_rgb=True)
        twin = copy.deepcopy(model)
        nn.init.zeros_(twin.motion.conv.weight)
        assert not torch.equal(model(stacks), twin(stacks))

    def test_tsm_is_shifted(self):
        tsm = dict(type='ResNetTSM', depth=18, num_segments=2, pretrained=None, pretrained2d=False)
        assert isinstance(build(tsm).backbone, ResNetTSM)
        assert build(tsm).backbone.layer1[0].conv1.conv.shift_div == 8
