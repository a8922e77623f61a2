"""BranchRecognizer: its branches are the recognisers they would be alone."""

from copy import deepcopy
from pathlib import Path

import mmaction
import pytest
import torch
from mmaction.structures import ActionDataSample
from mmengine.config import Config
from torch import nn
from torch.nn import functional as F

import mmmotion  # noqa: F401
from mmmotion.checkpoints import check_state_dict
from mmmotion.models.wrappers.motion_backbone import MotionBackbone
from mmmotion.registry import MODELS

TSM = dict(
    type='ResNetTSM', depth=18, num_segments=4, shift_div=8, pretrained=None, pretrained2d=False
)
PREPROCESSOR = dict(type='ActionDataPreprocessor', mean=[100.0], std=[50.0], format_shape='NCTHW')


def head(num_classes=5):
    return dict(
        type='mmmotion.VAPHead', num_classes=num_classes, in_channels=512, num_segments=4, topk=(1,)
    )


RGB_ALONE = dict(type='Recognizer2D', backbone=TSM, cls_head=head())


def rgb(**kwargs):
    sees = dict(type='mmmotion.PickFrame', index=0)
    return dict(RGB_ALONE, cls_head=head(**kwargs), sees=sees)


def pa(**kwargs):
    motion = dict(type='mmmotion.PersistenceOfAppearance', init_std=0.1)
    backbone = dict(type='mmmotion.MotionBackbone', motion=motion, clip_len=3, backbone=TSM)
    return dict(type='Recognizer2D', backbone=backbone, cls_head=head(**kwargs))


def build(**kwargs):
    torch.manual_seed(0)
    branches = {name: kwargs.pop(name, cfg) for name, cfg in dict(rgb=rgb(), pa=pa()).items()}
    cfg = dict(type='mmmotion.BranchRecognizer', branches=branches, data_preprocessor=PREPROCESSOR)
    model = MODELS.build({**cfg, **kwargs})
    for branch in model.branches.values():
        nn.init.normal_(branch.cls_head.fc_cls.weight, std=0.3)
    return model


@pytest.fixture
def batch():
    torch.manual_seed(1)
    samples = [ActionDataSample().set_gt_label(i) for i in (3, 1)]
    return torch.randn(2, 4, 3, 3, 32, 40), samples


class TestPickFrame:
    def test_values(self):
        clips = torch.rand(2, 4, 3, 5, 6, 7)
        pick = MODELS.build(dict(type='mmmotion.PickFrame', index=-2))
        assert torch.equal(pick(clips), clips[:, :, :, 3])

    @pytest.mark.parametrize('shape', [(2, 4, 3, 6, 7), (2, 4, 3, 1, 6, 7)])
    def test_no_such_frame(self, shape):
        pick = MODELS.build(dict(type='mmmotion.PickFrame', index=1))
        with pytest.raises(ValueError, match=r'clips: expected stacks .* a frame 1 .* got \(2, 4'):
            pick(torch.rand(shape))


class TestStrideFrames:
    def test_values(self):
        clips = torch.rand(2, 1, 3, 8, 6, 7)
        stride = MODELS.build(dict(type='mmmotion.StrideFrames', step=4))
        assert torch.equal(stride(clips), clips[:, :, :, [0, 4]])

    def test_broken_stack(self):
        stride = MODELS.build(dict(type='mmmotion.StrideFrames', step=4))
        with pytest.raises(ValueError, match=r'clips: expected .* multiple of 4, got \(2, 1, 3, 6'):
            stride(torch.rand(2, 1, 3, 6, 6, 7))


class TestForward:
    def test_each_branch_is_what_it_is_alone(self, batch):
        """Same keys, same weights, same scores as a recogniser that is not a branch."""
        inputs, _ = batch
        model = build().eval()
        logits = model(inputs, stage='head')
        for name, seen in (('rgb', inputs[:, :, :, 0]), ('pa', inputs)):
            alone = MODELS.build(dict(rgb=RGB_ALONE, pa=pa())[name]).eval()
            alone.load_state_dict(model.branches[name].state_dict())
            features, kwargs = alone.extract_feat(seen.contiguous())
            assert torch.equal(logits[name], alone.cls_head(features, **kwargs))

    def test_any_module_in_any_number(self, batch):
        model = build(branches=dict(a=rgb(), b=pa(), c=pa()))
        logits = model(batch[0], stage='head')
        assert {k: v.shape for k, v in logits.items()} == dict.fromkeys('abc', (2, 5))
        assert isinstance(model.branches['c'].backbone, MotionBackbone)


class TestExtractFeat:
    @pytest.mark.parametrize('stage', ['backbone', 'neck', 'head'])
    @pytest.mark.parametrize('test_mode', [False, True])
    def test_stages_are_those_of_the_branches(self, batch, stage, test_mode):
        inputs, _ = batch
        model = build().eval()
        features, kwargs = model.extract_feat(inputs, stage, test_mode=test_mode)
        seen = dict(rgb=inputs[:, :, :, 0].contiguous(), pa=inputs)
        for name, branch in model.branches.items():
            expected, told = branch.extract_feat(seen[name], stage, test_mode=test_mode)
            assert torch.equal(features[name], expected)
            assert kwargs[name] == told
            assert torch.equal(model(inputs, stage=stage)[name], expected)

    def test_only_the_named_run(self, batch):
        model = build().eval()
        model.branches['rgb'].register_forward_pre_hook(lambda *_: pytest.fail('rgb runs'))
        model.sees['rgb'].register_forward_pre_hook(lambda *_: pytest.fail('rgb sees'))
        features, _ = model.extract_feat(batch[0], names=['pa'])
        assert set(features) == {'pa'}

    def test_stage_of_a_3d_recogniser_in_testing(self):
        """MMAction2's own leaves it out there, and gives features for logits."""
        network = dict(type='ResNet3d', depth=18, pretrained=None, base_channels=4)
        head = dict(type='I3DHead', num_classes=5, in_channels=32, average_clips='score')
        cfg = dict(type='Recognizer3D', backbone=network, cls_head=head)
        model = MODELS.build(dict(type='mmmotion.BranchRecognizer', branches=dict(a=cfg))).eval()
        clips = torch.randn(1, 2, 3, 4, 32, 32)
        logits, _ = model.extract_feat(clips, 'head', test_mode=True)
        assert torch.equal(logits['a'], model.branches['a'](clips, stage='head'))


class TestPredict:
    def test_logits_are_averaged_by_weight(self, batch):
        inputs, samples = batch
        model = build(pa=dict(pa(), score_weight=3)).eval()
        logits = model(inputs, stage='head')
        expected = (logits['rgb'] + 3 * logits['pa']) / 4
        for i, sample in enumerate(model(inputs, samples, mode='predict')):
            torch.testing.assert_close(sample.pred_score, expected[i].softmax(0))
            assert sample.pred_label.item() == expected[i].argmax()
            assert torch.equal(sample.branch_scores['pa'], logits['pa'][i])

    def test_probabilities_are_averaged_over_views_then_branches(self, batch):
        inputs, samples = batch
        model = build(average_clips='prob').eval()
        views = torch.cat([inputs, inputs.flip(1)], dim=1)  # two views a video
        expected = 0
        for logits in model(views, stage='head').values():
            expected = expected + F.softmax(logits, 1).view(2, 2, 5).mean(1) / 2
        for i, sample in enumerate(model(views, samples, mode='predict')):
            torch.testing.assert_close(sample.pred_score, expected[i])
            torch.testing.assert_close(sample.pred_score.sum(), torch.tensor(1.0))

    def test_a_weight_of_zero_silences_a_branch(self, batch):
        inputs, samples = batch
        model = build(rgb=dict(rgb(), score_weight=0)).eval()
        result = model(inputs, samples, mode='predict')[1]
        torch.testing.assert_close(
            result.pred_score, model.branch_logits(inputs, 'pa')[1].softmax(0)
        )


class TestLoss:
    def test_names_and_values(self, batch):
        inputs, samples = batch
        model = build(pa=dict(pa(), loss_weight=0.5)).eval()  # eval: no dropout
        losses = model(inputs, samples, mode='loss')
        logits, labels = model(inputs, stage='head'), torch.tensor([3, 1])
        torch.testing.assert_close(losses['rgb.loss_cls'], F.cross_entropy(logits['rgb'], labels))
        torch.testing.assert_close(
            losses['pa.loss_cls'], 0.5 * F.cross_entropy(logits['pa'], labels)
        )
        for name, logit in {**logits, 'fused': logits['rgb'] + logits['pa']}.items():
            hits = (logit.argmax(1) == labels).float().mean()
            assert losses[f'{name}.top1_acc'] == hits

    def test_total_is_the_sum_of_the_branches(self, batch):
        model = build().eval()
        total, log = model.parse_losses(model(*batch, mode='loss'))
        torch.testing.assert_close(total, log['rgb.loss_cls'] + log['pa.loss_cls'])

    def test_several_labels_a_video(self, batch):
        samples = [ActionDataSample().set_gt_label(torch.tensor([0.0, 1, 0, 1, 0]))] * 2
        heads = dict(loss_cls=dict(type='BCELossWithLogits'), multi_class=True)
        branches = dict(rgb=rgb(), pa=pa())
        for branch in branches.values():
            branch['cls_head'].update(heads)
        losses = build(**branches)(batch[0], samples, mode='loss')
        assert set(losses) == {'rgb.loss_cls', 'pa.loss_cls'}


class TestFreeze:
    def test_no_loss_no_gradient_no_statistics(self, batch):
        model = build().train()
        model.freeze({'rgb'})
        before = {k: v.clone() for k, v in model.branches['rgb'].state_dict().items()}
        losses = model(*batch, mode='loss')
        assert set(losses) == {'pa.loss_cls', 'pa.top1_acc'}
        model.parse_losses(losses)[0].backward()
        assert all(p.grad is None for p in model.branches['rgb'].parameters())
        assert all(p.grad is not None for p in model.branches['pa'].parameters())
        after = model.branches['rgb'].state_dict()
        assert all(torch.equal(before[key], after[key]) for key in before)

    def test_survives_train_and_eval(self):
        model = build()
        model.freeze({'rgb'})
        assert not model.train().branches['rgb'].training
        assert model.branches['pa'].training
        model.freeze(())
        assert model.branches['rgb'].training

    def test_what_a_branch_has_frozen_itself_stays_so(self):
        model = build()
        first = model.branches['rgb'].backbone.conv1.conv.weight.requires_grad_(False)
        model.freeze({'rgb'})
        assert not any(p.requires_grad for p in model.branches['rgb'].parameters())
        assert all(p.requires_grad for p in model.branches['pa'].parameters())
        model.freeze({'pa'})
        frozen = [p for p in model.branches['rgb'].parameters() if not p.requires_grad]
        assert len(frozen) == 1
        assert frozen[0] is first
        assert not any(p.requires_grad for p in model.branches['pa'].parameters())

    def test_still_tested(self, batch):
        model = build().eval()
        expected = model(*batch, mode='predict')[0].pred_score.clone()
        model.freeze({'pa'})
        assert torch.equal(model(*batch, mode='predict')[0].pred_score, expected)

    @pytest.mark.parametrize('names', [{'flow'}, {'rgb', 'pa'}])
    def test_who_cannot(self, names):
        with pytest.raises(ValueError, match=r'names: expected some, but not all, of .*rgb, pa'):
            build().freeze(names)


class TestBadConfigs:
    @pytest.mark.parametrize('option', ['score_weight', 'loss_weight'])
    def test_weights(self, option):
        with pytest.raises(ValueError, match=rf'branches.pa.{option}: expected at least 0, got -1'):
            build(pa={**pa(), option: -1})
        with pytest.raises(ValueError, match=f'{option}: expected one above 0, got 0 for all'):
            build(rgb={**rgb(), option: 0}, pa={**pa(), option: 0})

    @pytest.mark.parametrize(
        ('argument', 'place'),
        [
            ('views', 'sees'),
            ('loss_weights', 'loss_weight'),
            ('score_weights', 'score_weight'),
            ('checkpoints', 'load_from'),
            ('on_stem', 'on_stem'),
        ],
    )
    def test_the_places_of_older_configs(self, argument, place):
        with pytest.raises(ValueError, match=f'{argument}: expected branches.NAME.{place} for'):
            build(**{argument: dict(rgb=1)})

    def test_unknown_argument(self):
        with pytest.raises(TypeError, match="unexpected keyword argument 'vievs'"):
            build(vievs=1)

    def test_mode(self, batch):
        with pytest.raises(ValueError, match="mode: expected 'loss', .* got 'logits'"):
            build()(batch[0], mode='logits')

    def test_class_counts(self):
        with pytest.raises(ValueError, match=r"num_classes: .* got {'rgb': 5, 'pa': 6}"):
            build(pa=pa(num_classes=6))

    def test_no_branch(self):
        with pytest.raises(ValueError, match='branches: expected at least one recogniser'):
            build(branches={})

    def test_average(self):
        with pytest.raises(ValueError, match="average_clips: expected 'score' or 'prob', got 'x'"):
            build(average_clips='x')

    def test_a_name_given_twice(self, tmp_path):
        from mmmotion.apis import load_config

        path = tmp_path / 'twice.py'
        path.write_text('model = dict(branches=dict(rgb=dict(), rgb=dict()))\n')
        with pytest.raises(ValueError, match='config: expected .* repeated: rgb'):
            load_config(str(path))


class TestCheckpoints:
    def save(self, model, path):
        torch.save(dict(state_dict=model.state_dict()), path)
        return str(path)

    def test_a_branch_takes_what_was_trained_alone(self, tmp_path):
        alone = MODELS.build(pa())
        nn.init.normal_(alone.cls_head.fc_cls.weight)
        model = build(pa=dict(pa(), load_from=self.save(alone, tmp_path / 'pa.pth')))
        model.init_weights()
        loaded = model.branches['pa'].state_dict()
        assert all(torch.equal(loaded[key], value) for key, value in alone.state_dict().items())

    def test_without_a_branch(self):
        """What a test of PAN_Full with the weights of one branch gets."""
        model = build()
        half = {k: v for k, v in model.state_dict().items() if k.startswith('branches.rgb.')}
        with pytest.raises(ValueError, match=r'checkpoint: .*first of them branches\.pa\.'):
            check_state_dict(model, half, strict=True)


def upstream_tpn(**test_cfg):
    configs = Path(mmaction.__file__).parent / '.mim/configs/_base_/models'
    cfg = Config.fromfile(configs / 'tpn_slowonly_r50.py').model
    cfg.backbone.pretrained = None
    cfg.cls_head.average_clips = 'score'
    cfg.test_cfg = test_cfg
    cfg.pop('data_preprocessor', None)
    return cfg


def one_branch(test_cfg):
    torch.manual_seed(0)
    cfg = upstream_tpn(**test_cfg)
    return MODELS.build(dict(type='mmmotion.BranchRecognizer', branches=dict(rgb=cfg)))


class TestUpstreamsRecogniser:
    def test_loss_of_neck(self):
        model = one_branch({})
        samples = [ActionDataSample().set_gt_label(i) for i in (3, 1)]
        clips = torch.randn(2, 1, 3, 8, 32, 32)
        alone = deepcopy(model.branches['rgb'])
        torch.manual_seed(2)  # dropout
        expected = alone.loss(clips, samples)
        torch.manual_seed(2)
        losses = model.loss(clips, samples)
        assert 'loss_aux' in expected
        for key, value in expected.items():
            assert torch.equal(losses[f'rgb.{key}'], value), key

    @pytest.mark.parametrize('test_cfg', [dict(fcn_test=True), dict(max_testing_views=2), {}])
    def test_own_test_cfg(self, test_cfg):
        model = one_branch(test_cfg).eval()
        seen = []
        branch = model.branches['rgb']
        branch.backbone.register_forward_pre_hook(lambda _, args: seen.append(len(args[0])))
        clips = torch.randn(1, 3, 3, 8, 32, 32)
        with torch.no_grad():
            expected = branch.predict(clips, [ActionDataSample()])[0].pred_score
            alone = list(seen)
            seen.clear()
            result = model.predict(clips, [ActionDataSample()])[0]
        assert seen == alone == ([2, 1] if 'max_testing_views' in test_cfg else [3])
        assert torch.equal(result.branch_scores['rgb'], expected)
