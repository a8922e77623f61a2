"""DCD's three branches over one stem."""

import pytest
import torch
from mmaction.structures import ActionDataSample
from mmengine.optim import OptimWrapper
from torch import nn
from torch.optim import SGD

import mmmotion  # noqa: F401
from mmmotion.engine import BFloat16OptimWrapper
from mmmotion.models.blocks import PoolPairs
from mmmotion.ops import displacement_map, warped_difference
from mmmotion.registry import MODELS

R18 = dict(type='ResNet', depth=18)
GRADUAL = ('layer1', 'layer2', 'layer3')


def draw(*shape, seed=0):
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed))


def recognizer(backbone):
    head = dict(
        type='TSNHead',
        num_classes=5,
        in_channels=512,
        consensus=dict(type='AvgConsensus', dim=1),
        dropout_ratio=0,
    )
    return dict(type='Recognizer2D', backbone=backbone, cls_head=head)


def per_frame(num_frames, pool_after=GRADUAL):
    return dict(
        type='mmmotion.FrameBackbone', backbone=R18, num_frames=num_frames, pool_after=pool_after
    )


def maps(channels, stride=1):
    return dict(type='mmmotion.MapBackbone', backbone=R18, in_channels=channels, stride=stride)


def build(**kwargs):
    torch.manual_seed(0)
    cfg = dict(
        type='mmmotion.BranchRecognizer',
        stem=stem(),
        branches=dict(
            static=dict(recognizer(per_frame(4)), sees=dict(type='mmmotion.StaticAppearance')),
            motion=dict(recognizer(maps(6)), sees=dict(type='mmmotion.ApparentMotion')),
            change=dict(recognizer(per_frame(3)), sees=dict(type='mmmotion.AppearanceChange')),
        ),
        data_preprocessor=dict(
            type='ActionDataPreprocessor', mean=[100.0], std=[50.0], format_shape='NCTHW'
        ),
    )
    model = MODELS.build({**cfg, **kwargs})
    model.init_weights()
    return model


def stem(**kwargs):
    cfg = dict(type='mmmotion.DynamicsStem', backbone=dict(type='mmmotion.ConvStem'), tau=0.1)
    return {**cfg, **kwargs}


@pytest.fixture
def batch():
    samples = [ActionDataSample().set_gt_label(i) for i in (3, 1)]
    return draw(2, 3, 3, 4, 32, 40), samples


@pytest.fixture
def dynamics(batch):
    return MODELS.build(stem())(batch[0])


class TestStem:
    def test_values(self, batch):
        clips, _ = batch
        model = MODELS.build(stem()).eval()
        found = model(clips)
        assert found.frames.shape == (2, 3, 4, 3, 32, 40)
        assert found.features.shape == (2, 3, 4, 64, 16, 20)
        torch.testing.assert_close(
            found.features[1, 2], model.backbone(clips[1, 2].transpose(0, 1))
        )
        pair = (found.features[:1, 1, t] for t in (2, 3))
        expected = displacement_map(*pair, max_displacement=4, tau=0.1)
        torch.testing.assert_close(found.displacement[:1, 1, 2], expected)

    def test_stride_one_holds_stride_two(self, batch):
        """So a branch of half the size can share a stem of full size."""
        torch.manual_seed(0)
        full = MODELS.build(stem(stride=1)).eval()
        half = MODELS.build(stem()).eval()
        half.load_state_dict(full.state_dict())
        view = MODELS.build(dict(type='mmmotion.StaticAppearance', step=2))
        expected = MODELS.build(dict(type='mmmotion.StaticAppearance'))(half(batch[0]))
        torch.testing.assert_close(view(full(batch[0])), expected)

    def test_displacement_only_where_asked_for(self, batch, monkeypatch):
        model = build(use=['static']).eval()
        monkeypatch.setattr(model.stem.displacement_map, 'forward', None)
        assert set(model(batch[0], stage='head')) == {'static'}

    def test_repr_and_replace(self, dynamics):
        assert repr(dynamics) == (
            'Dynamics(frames=(2, 3, 4, 3, 32, 40), features=(2, 3, 4, 64, 16, 20), '
            'displacement=not asked for yet)'
        )
        found = dynamics.displacement
        assert 'displacement=(2, 3, 3, 2, 16, 20)' in repr(dynamics)
        assert dynamics.displacement is found
        frames = dynamics.frames + 1
        assert dynamics.replace(frames=frames).frames is frames
        assert dynamics.replace(frames=frames).displacement is found
        still = dynamics.features[:, :, :1].expand_as(dynamics.features)
        assert not torch.equal(dynamics.replace(features=still).displacement, found)
        with pytest.raises(AttributeError, match='cannot assign'):
            dynamics.features = still

    def test_exception(self):
        with pytest.raises(ValueError, match=r'clips: expected .*NCTHW, got \(2, 3'):
            MODELS.build(stem())(draw(2, 3, 3, 32, 40))

    def test_one_frame(self, batch):
        """Tables 1 and 2: enough for static appearance, not for a displacement."""
        clips, samples = batch
        branches = dict(
            static=dict(recognizer(per_frame(1)), sees=dict(type='mmmotion.StaticAppearance')),
            motion=dict(recognizer(maps(6)), sees=dict(type='mmmotion.ApparentMotion')),
        )
        model = build(branches=branches, use=['static'])
        wrapper = OptimWrapper(SGD(model.parameters(), lr=0.1))
        losses, _ = model.parse_losses(model.loss(clips[:, :, :, :1], samples))
        before = model.stem.backbone.state_dict()
        before = {key: value.clone() for key, value in before.items()}
        wrapper.update_params(losses)
        after = model.stem.backbone.state_dict()
        assert any(not torch.equal(before[key], after[key]) for key in before)
        with pytest.raises(ValueError, match='T >= 2 frames'):
            build(branches=branches)(clips[:, :, :, :1])


class TestViews:
    def test_static_appearance(self, dynamics):
        out = MODELS.build(dict(type='mmmotion.StaticAppearance'))(dynamics)
        assert torch.equal(out, dynamics.features)

    def test_apparent_motion(self, dynamics):
        out = MODELS.build(dict(type='mmmotion.ApparentMotion'))(dynamics)
        assert out.shape == (2, 3, 3, 2, 16, 20)
        assert torch.equal(out, dynamics.displacement)

    @pytest.mark.parametrize('of', ['features', 'rgb'])
    def test_plain_difference(self, dynamics, of):
        view = MODELS.build(dict(type='mmmotion.AppearanceChange', of=of, warped_by=None))
        seen = dynamics.features if of == 'features' else dynamics.frames
        assert torch.equal(view(dynamics)[1, 2, 1], seen[1, 2, 2] - seen[1, 2, 1])

    def test_warped_features(self, dynamics):
        out = MODELS.build(dict(type='mmmotion.AppearanceChange'))(dynamics)
        earlier, later = dynamics.features[:1, 2, 0], dynamics.features[:1, 2, 1]
        expected = warped_difference(earlier, later, dynamics.displacement[:1, 2, 0])
        torch.testing.assert_close(out[:1, 2, 0], expected)

    def test_warped_rgb(self, dynamics):
        """A displacement on maps of half the size is of twice as many pixels, and x stays x."""
        shift = torch.zeros_like(dynamics.displacement)
        shift[:, :, :, 0], shift[:, :, :, 1] = 2, -1
        view = MODELS.build(dict(type='mmmotion.AppearanceChange', of='rgb'))
        out = view(dynamics.replace(displacement=shift))
        earlier, later = dynamics.frames[:, :, 0], dynamics.frames[:, :, 1]
        expected = later[..., :-2, 4:] - earlier[..., 2:, :-4]
        torch.testing.assert_close(out[:, :, 0, :, :-2, 4:], expected, atol=1e-4, rtol=1e-4)

    def test_exception(self):
        for bad in (dict(of='pixels'), dict(warped_by='tvl1')):
            with pytest.raises(ValueError, match='expected one of'):
                MODELS.build(dict(type='mmmotion.AppearanceChange', **bad))


class TestNetworks:
    @pytest.mark.parametrize('num_frames', [1, 2, 3, 8])
    def test_pool_pairs(self, num_frames):
        clips = draw(2, num_frames, 3, 4, 5)
        out = PoolPairs()(clips)
        assert out.shape[1] == -(-num_frames // 2)
        for i in range(-(-num_frames // 2)):
            assert torch.equal(out[:, i], clips[:, 2 * i : 2 * i + 2].amax(1))

    @pytest.mark.parametrize('num_frames', [1, 5, 8])
    @pytest.mark.parametrize('pool_after', [(), GRADUAL])
    def test_frames_of_one_picture_are_that_picture(self, num_frames, pool_after):
        torch.manual_seed(0)
        model = MODELS.build(per_frame(num_frames, pool_after)).eval()
        picture = draw(2, 64, 16, 16)
        out = model(picture[:, None].expand(-1, num_frames, -1, -1, -1))
        assert out.shape == (2, 512, 1, 1)
        one = MODELS.build(per_frame(1, ())).eval()
        one.load_state_dict(model.state_dict())
        torch.testing.assert_close(out, one(picture[:, None]))

    def test_static_is_blind_to_order(self):
        torch.manual_seed(0)
        model = MODELS.build(per_frame(4, ())).eval()
        clips = draw(2, 4, 64, 16, 20)
        torch.testing.assert_close(model(clips), model(clips.flip(1)))

    def test_frames_are_computed_less_and_less(self):
        model, seen = MODELS.build(per_frame(8)), []
        for name in ('layer1', 'layer2', 'layer3', 'layer4'):
            getattr(model.backbone, name)[0].register_forward_hook(
                lambda _, x, __: seen.append(len(x[0]))
            )
        model(draw(2, 8, 64, 16, 20))
        assert seen == [16, 8, 4, 2]

    def test_stages_of_bn_inception(self):
        cfg = dict(type='mmmotion.FrameBackbone', backbone=dict(type='mmmotion.BNInception'))
        model = MODELS.build(cfg).eval()
        assert not any(key.startswith('backbone.conv1') for key in model.state_dict())
        assert model(draw(1, 8, 64, 16, 16)).shape == (1, 1024, 1, 1)

    def test_maps_are_stacked_in_time(self):
        torch.manual_seed(0)
        model = MODELS.build(maps(6)).eval()
        clips = draw(2, 3, 2, 16, 20)
        stacked = torch.cat([clips[:, t] for t in range(3)], dim=1)
        torch.testing.assert_close(model(clips), model.backbone(stacked))
        assert model.backbone.conv1.conv.stride == (1, 1)

    def test_no_first_stage(self):
        backbone = dict(type='mmpretrain.ConvNeXt', arch='atto')
        with pytest.raises(ValueError, match='backbone: expected one with a stage conv1, got Conv'):
            MODELS.build(dict(type='FrameBackbone', backbone=backbone, pool_after=()))

    def test_exception(self):
        with pytest.raises(ValueError, match='after: expected a stage of ResNet, .* got .pool2'):
            MODELS.build(per_frame(4, ('pool2',)))
        with pytest.raises(ValueError, match=r'features: expected \(N, 4, C, .* got \(1, 3'):
            MODELS.build(per_frame(4))(draw(1, 3, 64, 8, 8))
        with pytest.raises(ValueError, match=r'maps: expected .*T C = 6, got \(1, 2, 2'):
            MODELS.build(maps(6))(draw(1, 2, 2, 8, 8))


class TestRecognizer:
    def test_gradients_reach_the_stem_from_each_branch(self, batch):
        for name in ('static', 'motion', 'change'):
            model = build(use=[name]).train()
            assert set(model.branches) == set(model.sees) == {name}
            model.parse_losses(model(*batch, mode='loss'))[0].backward()
            assert all(p.grad is not None for p in model.parameters())
            assert model.stem.backbone.conv1.weight.grad.abs().sum() > 0

    def test_the_stem_follows_those_that_train(self, batch):
        model = build().train()
        model.freeze({'static'})
        losses = model(*batch, mode='loss')
        assert {key.partition('.')[0] for key in losses} == {'motion', 'change'}
        model.parse_losses(losses)[0].backward()
        assert model.stem.training
        assert all(p.grad is not None for p in model.stem.parameters())
        assert all(p.grad is None for p in model.branches['static'].parameters())

    def test_stem_runs_once(self, batch):
        model, calls = build().eval(), []
        model.stem.register_forward_hook(lambda *_: calls.append(1))
        model(*batch, mode='predict')
        assert len(calls) == 1

    def test_a_branch_beside_the_stem(self, batch):
        frames = recognizer(R18)
        model = build(
            branches=dict(
                rgb=dict(frames, sees=dict(type='mmmotion.PickFrame'), on_stem=False),
                static=dict(recognizer(per_frame(4)), sees=dict(type='mmmotion.StaticAppearance')),
            )
        ).eval()
        seen = batch[0][:, :, :, 0].contiguous()
        expected = model.branches['rgb'](seen, stage='head')
        torch.testing.assert_close(model.branch_logits(batch[0], 'rgb'), expected)

    @pytest.mark.parametrize('autocast', [False, True])
    def test_constant_clips(self, batch, autocast):
        black_and_grey = torch.tensor([0.0, 7.0]).view(2, 1, 1, 1, 1, 1).expand_as(batch[0])
        model = build().train()
        wrapper = BFloat16OptimWrapper(autocast, optimizer=SGD(model.parameters(), lr=0.1))
        with wrapper.optim_context(model):
            losses = model(black_and_grey, batch[1], mode='loss')
        model.parse_losses(losses)[0].backward()
        assert all(p.grad.isfinite().all() for p in model.parameters())

    def test_use(self):
        with pytest.raises(ValueError, match='use: expected some of the branches .* got flow'):
            build(use=['flow'])
        with pytest.raises(ValueError, match='use: expected some of the branches .* got none'):
            build(use=[])

    def test_pretrained_maps(self, tmp_path):
        """New channels start as the mean of the RGB kernels, the rest as it is in the file."""
        source = MODELS.build(dict(type='mmmotion.BNInception'))
        nn.init.normal_(source.conv1[0].conv.weight)
        torch.save(source.state_dict(), tmp_path / 'bn_inception.pth')
        cfg = dict(type='mmmotion.BNInception', pretrained=str(tmp_path / 'bn_inception.pth'))
        model = MODELS.build(dict(type='mmmotion.MapBackbone', backbone=cfg, in_channels=14))
        model.init_weights()
        mean = source.conv1[0].conv.weight.mean(1, keepdim=True).expand(-1, 14, -1, -1)
        torch.testing.assert_close(model.backbone.conv1[0].conv.weight.detach(), mean.detach())
        rest = MODELS.build(dict(type='mmmotion.FrameBackbone', backbone=cfg))
        rest.init_weights()
        for key, value in rest.backbone.state_dict().items():
            assert torch.equal(value, source.state_dict()[key])
