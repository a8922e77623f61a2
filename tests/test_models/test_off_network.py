"""The OFF sub-network, its head and its recogniser: released counts, the equations, two stages."""

import pytest
import torch
from mmaction.structures import ActionDataSample
from mmengine.registry import init_default_scope
from reference import off as reference
from torch import nn

import mmmotion  # noqa: F401
from mmmotion.checkpoints import write_checkpoint
from mmmotion.models.blocks.off_unit import OFFUnit
from mmmotion.registry import MODELS

BN_INCEPTION = (
    *('inception_3a', 'inception_3b', 'inception_3c', 'inception_4a', 'inception_4b'),
    *('inception_4c', 'inception_4d', 'inception_5a', 'inception_5b'),
)
# Small: conv1 and layer1 of a ResNet-18 of which later stages are left out.
SMALL = dict(
    backbone=dict(
        type='ResNet', depth=18, num_stages=1, strides=(1,), dilations=(1,), out_indices=(0,)
    ),
    features=['conv1', 'layer1'],
    levels=[dict(width=8, kernel_size=5, num_blocks=2), dict(width=8, kernel_size=3, num_blocks=1)],
    unit=dict(temporal_channels=6, spatial_channels=4),
)


def build(
    backbone=SMALL['backbone'],
    features=SMALL['features'],
    levels=SMALL['levels'],
    unit=SMALL['unit'],
    head=None,
    neck=None,
    num_classes=5,
    **kwargs,
):
    init_default_scope('mmaction')
    torch.manual_seed(0)
    neck = dict(type='mmmotion.OFFSubnetwork', unit=unit, **(neck or {}))
    if levels is not None:
        neck['levels'] = levels
    return MODELS.build(
        dict(
            type='mmmotion.OFFRecognizer',
            backbone=backbone,
            features=list(features),
            neck=neck,
            cls_head=dict(
                type='mmmotion.OFFHead', num_classes=num_classes, topk=(1,), **(head or {})
            ),
            **kwargs,
        )
    )


def released(unit):
    return build(
        dict(type='mmmotion.BNInception'), BN_INCEPTION, None, unit, num_classes=101
    ).eval()


def samples(count=2):
    return [ActionDataSample().set_gt_label(i) for i in range(count)]


def fill_classifiers(model):
    for fc in (model.cls_head.fc_cls, *model.cls_head.fc_levels):
        nn.init.normal_(fc.weight, std=0.3)


class TestReleasedDefinition:
    @pytest.mark.parametrize(
        ('unit', 'channels'),
        [
            (dict(kernel='released'), [320, 1056, 832]),
            (dict(kernel='printed'), [384, 1216, 896]),
            (dict(kernel='sobel'), [384, 1216, 896]),
            (dict(spatial_channels=None), [768, 2176, 1280]),
            (dict(hypercolumn=True), [320, 1056, 832]),
        ],
        ids=str,
    )
    def test_channels(self, unit, channels):
        levels = released(unit).neck.levels
        assert [level.fuse.in_channels for level in levels] == channels

    def test_parameters(self):
        model = released(dict(kernel='released'))
        parts = (model.neck, model.cls_head.fc_levels)
        assert sum(p.numel() for part in parts for p in part.parameters()) == 9_870_095

    def test_shapes_of_every_unit(self):
        """Of 224x224: units at 28, 14 and 7 pixels, levels of 256, 512 and 1024 channels."""
        model = released(dict(kernel='released'))
        shapes = []
        for level in model.neck.levels:
            for part in (level.unit, level.fuse, level.blocks, level.pool):
                part.register_forward_hook(lambda _, __, out: shapes.append(tuple(out.shape[-3:])))
        with torch.inference_mode():
            model.extract_feat(torch.randn(1, 2, 3, 224, 224))
        assert shapes == [
            *((320, 28, 28), (64, 14, 14), (256, 14, 14), (256, 7, 7)),
            *((800, 14, 14), (128, 7, 7), (512, 7, 7), (512, 7, 7)),
            *((320, 7, 7), (256, 7, 7), (1024, 7, 7), (1024, 7, 7)),
        ]

    def test_blocks(self):
        """3, 2 and 1 of them; the second level ends in a 3x3, the last one without a ReLU."""
        first, second, last = released(dict(kernel='released')).neck.levels
        assert [len(level.blocks) for level in (first, second, last)] == [3, 2, 1]
        assert [f.fuse.kernel_size for f in (first, second, last)] == [(7, 7), (5, 5), (3, 3)]
        assert second.blocks[1].body[4].kernel_size == (3, 3)
        assert isinstance(last.blocks[0].relu, nn.Identity)
        assert isinstance(second.blocks[1].relu, nn.ReLU)
        assert not any('BatchNorm' in type(m).__name__ for m in last.modules())

    def test_initialisation(self):
        neck = released(dict(kernel='released')).neck
        for conv in (m for m in neck.modules() if isinstance(m, nn.Conv2d)):
            assert (conv.bias == 0.2).all()
            fan_in = conv.weight[0].numel()
            assert conv.weight.std().item() == pytest.approx((2 / fan_in) ** 0.5, rel=0.1)


class TestOFFUnit:
    @pytest.mark.parametrize('kernel', ['printed', 'sobel', 'released'])
    @pytest.mark.parametrize('shared', [False, True])
    def test_reference(self, kernel, shared):
        """Pair by pair: the gradients are the earlier segment's, in every clip of the batch."""
        torch.manual_seed(0)
        unit = OFFUnit([3], 4, None if shared else 2, kernel, dropout=0).double()
        maps = torch.randn(2, 3, 3, 6, 7, dtype=torch.float64)
        out = unit([maps])
        assert out.shape == (2, 2, unit.out_channels, 6, 7)
        conv = unit.reduce[0]
        for n in range(2):
            for t in range(2):
                earlier, later = conv(maps[n, t : t + 1]), conv(maps[n, t + 1 : t + 2])
                spatial = earlier if shared else earlier[:, 4:]
                if not shared:
                    earlier, later = earlier[:, :4].relu(), later[:, :4].relu()
                parts = [*reference.spatial_gradients(spatial, kernel), later - earlier]
                assert torch.allclose(out[n, t], torch.cat(parts, dim=1)[0])

    def test_several_maps(self):
        torch.manual_seed(0)
        unit = OFFUnit([3, 5], 4, 2).eval()
        maps = [torch.randn(1, 3, c, 6, 7) for c in (3, 5)]
        alone = OFFUnit([5], 4, 2).eval()
        alone.reduce[0] = unit.reduce[1]
        assert torch.equal(unit(maps)[:, :, 8:], alone(maps[1:]))

    def test_hypercolumn(self):
        """The same paths, of every segment, without any difference."""
        unit = OFFUnit([3], 4, 2, hypercolumn=True)
        maps = torch.randn(1, 3, 3, 6, 7)
        reduced = unit.reduce[0](maps[0])
        expected = torch.cat([reduced[:, 4:], reduced[:, :4].relu()], dim=1)
        assert torch.equal(unit([maps])[0], expected)

    def test_dropout_is_of_the_gradients(self):
        unit = OFFUnit([3], 4, 2, dropout=0.8)
        out = unit([torch.randn(2, 3, 3, 12, 12)])
        dropped = (out == 0).float().mean((0, 1, 3, 4))
        assert (dropped[:4] > 0.75).all()
        assert (dropped[4:] < 0.75).all()  # where no segment passes the ReLU

    def test_static_clip(self):
        unit = OFFUnit([3], 4, 2).eval()
        out = unit([torch.ones(1, 3, 3, 6, 7)])
        assert (out[:, :, 4:] == 0).all()
        assert (out[..., 1:-1, 1:-1] == 0).all()


def test_off_of_pixels_in_front_of_a_backbone():
    """3 gradients of 3 colours of 3 pairs: 27 channels."""
    init_default_scope('mmaction')
    model = MODELS.build(
        dict(
            type='mmmotion.MotionBackbone',
            motion=dict(type='mmmotion.Off'),
            clip_len=4,
            backbone=SMALL['backbone'],
        )
    )
    stacks = torch.randn(2, 3, 4, 16, 20)
    seen = model.represent(stacks)
    fx, fy, ft = reference.off(stacks.transpose(1, 2))
    expected = torch.cat([fx[:, :3], fy[:, :3], ft], dim=2).flatten(1, 2)
    assert torch.allclose(seen, expected, atol=1e-5)
    assert model.backbone.conv1.conv.in_channels == 27


class TestOFFSubnetwork:
    def test_order_of_levels(self):
        """A level sees its own maps and the level before it."""
        model = build(frozen=False).eval()
        first, second = model.neck.levels
        assert second.in_channels == second.unit.out_channels + first.out_channels
        assert first.fuse.stride == (2, 2)
        assert second.fuse.stride == (1, 1)

    def test_segments_are_averaged(self):
        """Equation 8: the feature of a clip is the mean over its pairs."""
        model = build().eval()
        clip = torch.randn(1, 4, 3, 32, 40)
        with torch.no_grad():
            whole, _ = model.extract_feat(clip)
            pairs = [model.extract_feat(clip[:, t : t + 2])[0] for t in range(3)]
        for level in (1, 2):  # after the feature network's
            mean = torch.stack([features[level] for features in pairs]).mean(0)
            assert torch.allclose(whole[level], mean, atol=1e-5)

    def test_views_are_apart(self):
        """No difference is taken between the last segment of a crop and the first of the next."""
        model = build(neck=dict(test_segments=3)).eval()
        clip = torch.randn(2, 6, 3, 32, 40)
        with torch.no_grad():
            both, _ = model.extract_feat(clip)
            first, _ = model.extract_feat(clip[:, :3])
        for of_both, of_first in zip(both, first, strict=True):
            assert of_both.shape[0] == 4
            assert torch.allclose(of_both[0::2], of_first, atol=1e-5)
        with pytest.raises(
            ValueError, match='test_segments: expected views of 3 .* got 4 segments'
        ):
            model.extract_feat(clip[:, :4])

    @pytest.mark.parametrize(
        ('maps', 'match'),
        [
            ([(2, 1, 64, 8, 8), (2, 1, 64, 4, 4)], 'at least 2 segments .* got 1'),
            ([(2, 3, 64, 8, 8), (1, 3, 64, 4, 4)], r'as many clips .* got \(2, 3\) and \(1, 3\)'),
            ([(2, 3, 64, 8, 8), (2, 3, 64, 3, 3)], r'a level of \(4, 4\) .* got \(3, 3\)'),
        ],
    )
    def test_exception(self, maps, match):
        maps = [torch.zeros(shape) for shape in maps]
        with pytest.raises(ValueError, match=f'maps: expected .*{match}'):
            build().neck(maps, maps[-1])

    @pytest.mark.parametrize(
        ('kwargs', 'match'),
        [
            (dict(in_channels=[], strides=[]), 'strides: expected one for each map .* got strides'),
            (dict(in_channels=[4, 8], strides=[8, 4]), r'strides: .* rising order, got .*\(8, 4\)'),
            (dict(in_channels=[4], strides=[8]), 'levels: .* strides 8, got 3 levels'),
        ],
    )
    def test_settings(self, kwargs, match):
        with pytest.raises(ValueError, match=match):
            MODELS.build(dict(type='mmmotion.OFFSubnetwork', **kwargs))


class TestOFFHead:
    def head(self, **kwargs):
        torch.manual_seed(0)
        cfg = dict(
            type='mmmotion.OFFHead', num_classes=5, in_channels=4, level_channels=(3, 2), topk=(1,)
        )
        head = MODELS.build({**cfg, **kwargs})
        for fc in (head.fc_cls, *head.fc_levels):
            nn.init.normal_(fc.weight)
        return head

    def test_score_is_the_sum_of_feature_network_and_last_level(self):
        head, features = self.head().eval(), [torch.randn(3, c) for c in (4, 3, 2)]
        of_network, of_last = head.fc_cls(features[0]), head.fc_levels[1](features[2])
        expected = of_network + of_last
        assert torch.allclose(head(features), expected)
        weighted = self.head(score_weights=(0.5, 2)).eval()
        assert torch.allclose(weighted(features), 0.5 * of_network + 2 * of_last)

    def test_every_level_has_its_own_loss(self):
        head = self.head(loss_weights=(0.5, 1, 2), dropout_ratio=0).train()
        features = [torch.randn(2, c) for c in (4, 3, 2)]
        losses = head.loss(features, samples())
        of_network, of_first, of_last = (
            fc(feature) for fc, feature in zip(head.classifiers, features, strict=True)
        )
        labels = torch.tensor([0, 1])
        parts = dict(
            feature=0.5 * nn.functional.cross_entropy(of_network, labels),
            level1=nn.functional.cross_entropy(of_first, labels),
            level2=2 * nn.functional.cross_entropy(of_last, labels),
        )
        for name, loss in parts.items():
            assert losses[f'{name}.loss_cls'].item() == pytest.approx(loss.item(), rel=1e-5)
        expected = (of_network + of_last).argmax(1) == labels
        assert losses['top1_acc'].item() == pytest.approx(expected.float().mean().item())

    def test_soft_labels_have_no_accuracies(self):
        cfg = dict(type='mmmotion.OFFHead', num_classes=3, in_channels=4, level_channels=(5,))
        scores, labels = torch.randn(2, 2, 3), torch.tensor([[0.3, 0.7, 0.0], [0.0, 0.5, 0.5]])
        mixed = [ActionDataSample().set_gt_label(label) for label in labels]
        losses = MODELS.build(cfg).loss_by_feat(scores, mixed)
        expected = -(labels * scores.log_softmax(-1).transpose(0, 1)).sum(-1).mean(1)
        assert set(losses) == {'feature.loss_cls', 'level1.loss_cls'}
        torch.testing.assert_close(losses['feature.loss_cls'], expected[0])
        torch.testing.assert_close(losses['level1.loss_cls'], expected[1])

    def test_accuracies_of_topk(self):
        cfg = dict(type='mmmotion.OFFHead', num_classes=5, in_channels=4, level_channels=(5,))
        losses = MODELS.build(cfg | dict(topk=(3,))).loss_by_feat(torch.randn(2, 2, 5), samples())
        accuracies = {key for key in losses if 'acc' in key}
        assert accuracies == {'feature.top3_acc', 'level1.top3_acc', 'top3_acc'}

    def test_no_loss_of_weight_zero(self):
        features = [torch.randn(2, c) for c in (4, 3, 2)]
        losses = self.head(loss_weights=(0, 1, 0)).train().loss(features, samples())
        assert [key for key in losses if 'loss' in key] == ['level1.loss_cls']

    @pytest.mark.parametrize('weights', [(1, 1), (0, 0, 0), (1, -1, 1)])
    def test_exception(self, weights):
        with pytest.raises(ValueError, match='loss_weights: expected .* 2 levels, got'):
            self.head(loss_weights=weights)


class TestTwoStages:
    def test_frozen(self):
        """No gradient, batch norm in eval, and after a step the feature network is as it was."""
        model = build().train()
        before = {k: v.clone() for k, v in model.backbone.state_dict().items()}
        learning = [p for p in model.parameters() if p.requires_grad]
        optimizer = torch.optim.SGD(learning, lr=0.1)
        losses = model(torch.randn(2, 3, 3, 32, 40), samples(), mode='loss')
        sum(v for k, v in losses.items() if 'loss' in k).backward()
        optimizer.step()
        norms = [m for m in model.backbone.modules() if isinstance(m, nn.BatchNorm2d)]
        assert not any(norm.training for norm in norms)
        assert all(p.grad is None for p in model.backbone.parameters())
        assert model.cls_head.fc_cls.weight.grad is None
        assert all(torch.equal(v, before[k]) for k, v in model.backbone.state_dict().items())
        assert all(p.grad is not None for p in learning)
        assert 'feature.loss_cls' not in losses

    def test_frozen_in_whatever_mode(self):
        model = build()
        for mode in (True, False, True):
            model.train(mode)
            assert not any(module.training for module in model.backbone.modules())
            assert model.neck.training == mode
        assert model.frozen_modules == ('backbone', 'cls_head.fc_cls')

    def test_joint(self):
        model = build(frozen=False).train()
        losses = model(torch.randn(2, 3, 3, 32, 40), samples(), mode='loss')
        sum(v for k, v in losses.items() if 'loss' in k).backward()
        assert all(p.grad is not None for p in model.parameters())
        assert model.backbone.conv1.bn.training
        assert 'feature.loss_cls' in losses

    def test_a_loss_of_what_is_frozen(self):
        with pytest.raises(ValueError, match='loss_weights: expected 0 .* frozen, got'):
            build(head=dict(loss_weights=[1, 1, 1]))

    def test_checkpoint_of_stage_1(self, tmp_path):
        """A TSN's checkpoint fits by its keys, and its score is the feature network's."""
        init_default_scope('mmaction')
        head = dict(type='TSNHead', num_classes=5, in_channels=64, topk=(1,))
        tsn = MODELS.build(
            dict(type='Recognizer2D', backbone=SMALL['backbone'], cls_head=head)
        ).eval()
        for p in tsn.parameters():
            nn.init.normal_(p, std=0.1)
        write_checkpoint(str(tmp_path / 'tsn.pth'), tsn.state_dict(), {})
        model = build(checkpoint=str(tmp_path / 'tsn.pth'), head=dict(score_weights=(1, 0)))
        model.init_weights()
        clip = torch.randn(2, 3, 3, 32, 40)
        with torch.no_grad():
            expected, _ = tsn.extract_feat(clip, stage='head')
            scores, _ = model.eval().extract_feat(clip, stage='head')
        assert torch.allclose(scores, expected, atol=1e-5)

    def test_checkpoint_of_another_network(self, tmp_path):
        write_checkpoint(str(tmp_path / 'other.pth'), {'backbone.x': torch.zeros(1)}, {})
        model = build(checkpoint=str(tmp_path / 'other.pth'))
        with pytest.raises(ValueError, match='checkpoint: expected .* another architecture'):
            model.init_weights()


class TestOFFRecognizer:
    @pytest.mark.parametrize(
        ('backbone', 'features', 'channels', 'strides'),
        [
            (dict(type='ResNet', depth=50), ['layer2', 'layer3', 'layer4'], [512, 1024, 2048], 8),
            (
                dict(type='mmpretrain.ResNet', depth=18),
                ['layer2', 'layer3', 'layer4'],
                [128, 256, 512],
                8,
            ),
            (
                dict(type='mmmotion.BNInception'),
                ['conv2', 'inception_3c', 'inception_4e'],
                [192, 576, 1056],
                4,
            ),
        ],
        ids=lambda value: str(value)[:40],
    )
    def test_asks_the_backbone(self, backbone, features, channels, strides):
        levels = [dict(width=4, kernel_size=3, num_blocks=1)] * 3
        model = build(backbone, features, levels)
        assert [unit.reduce[0].in_channels for unit in (lv.unit for lv in model.neck.levels)] == (
            channels
        )
        assert [level.fuse.stride[0] for level in model.neck.levels] == [
            4 if strides == 4 else 2,
            2,
            1,
        ]
        model(torch.randn(1, 2, 3, 64, 64), samples(1), mode='predict')

    def test_unknown_module(self):
        with pytest.raises(ValueError, match=r"features: .* ResNet \(conv1.*got 'layer9'"):
            build(features=['conv1', 'layer9'])

    def test_stages(self):
        model = build().eval()
        clip = torch.randn(2, 3, 3, 32, 40)
        maps, _ = model.extract_feat(clip, stage='backbone')
        assert [tuple(m.shape[:3]) for m in maps] == [(2, 3, 64)] * 3
        logits, _ = model.extract_feat(clip, stage='head')
        features, kwargs = model.extract_feat(clip)
        assert torch.equal(model.cls_head(features, **kwargs), logits)

    def test_eval_is_deterministic(self):
        model, clip = build().eval(), torch.randn(1, 3, 3, 32, 40)
        fill_classifiers(model)
        with torch.no_grad():
            first, second = (model.extract_feat(clip, stage='head')[0] for _ in range(2))
        assert torch.equal(first, second)

    @pytest.mark.parametrize('clip', ['black', 'static', 'constant'])
    def test_finite_in_bfloat16(self, clip):
        model = build(frozen=False).train()
        clips = dict(
            black=torch.zeros(2, 3, 3, 32, 32),
            static=torch.randn(2, 1, 3, 32, 32).expand(-1, 3, -1, -1, -1),
            constant=torch.full((2, 3, 3, 32, 32), 2.0),
        )[clip]
        with torch.autocast('cpu', dtype=torch.bfloat16):
            features, _ = model.extract_feat(clips)
            scores = model.cls_head(features)
        losses = model.cls_head.loss_by_feat(scores.float(), samples())
        sum(v for k, v in losses.items() if 'loss' in k).backward()
        assert all(p.grad.isfinite().all() for p in model.parameters())

    def test_as_a_branch(self):
        """Of a BranchRecognizer: the fused score is the sum of sums, halved."""
        init_default_scope('mmaction')
        branch = dict(
            type='mmmotion.OFFRecognizer',
            backbone=SMALL['backbone'],
            features=SMALL['features'],
            neck=dict(type='mmmotion.OFFSubnetwork', levels=SMALL['levels'], unit=SMALL['unit']),
            cls_head=dict(type='mmmotion.OFFHead', num_classes=5, topk=(1,)),
        )
        torch.manual_seed(0)
        model = MODELS.build(
            dict(type='mmmotion.BranchRecognizer', branches=dict(rgb=branch, diff=branch))
        )
        for name in model.branches:
            fill_classifiers(model.branches[name])
        clip = torch.randn(2, 3, 3, 32, 40)
        losses = model.train()(clip, samples(), mode='loss')
        assert {'rgb.level1.loss_cls', 'diff.level2.loss_cls', 'fused.top1_acc'} <= set(losses)
        with torch.no_grad():
            results = model.eval()(clip, samples(), mode='predict')
            scores = [b.extract_feat(clip, stage='head')[0] for b in model.branches.values()]
        fused = torch.stack([r.pred_score for r in results])
        assert torch.allclose(fused, ((scores[0] + scores[1]) / 2).softmax(1), atol=1e-5)
