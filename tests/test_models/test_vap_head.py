"""VAPHead: values against the operator it wires, and MMAction2's contract of a head."""

import pytest
import torch
from mmaction.structures import ActionDataSample

import mmmotion  # noqa: F401
from mmmotion.ops import TimescaleAverage
from mmmotion.registry import MODELS


def build(**kwargs):
    torch.manual_seed(0)
    cfg = dict(type='VAPHead', num_classes=5, in_channels=6, num_segments=8, topk=(1,))
    head = MODELS.build({**cfg, **kwargs})
    head.init_weights()
    return head


class TestVAPHead:
    def test_values(self):
        head = build().eval()
        x = torch.randn(16, 6, 2, 3)
        features = x.mean((2, 3)).view(2, 8, 6)
        expected = head.aggregation(features) @ head.fc_cls.weight.T + head.fc_cls.bias
        torch.testing.assert_close(head(x, num_segs=8), expected)

    @pytest.mark.parametrize(
        ('kind', 'average'),
        [('avg', lambda f: f.mean(1)), ('vip', TimescaleAverage(8))],
    )
    def test_other_aggregations(self, kind, average):
        head = build(aggregation=kind).eval()
        x = torch.randn(16, 6, 2, 3)
        features = average(x.mean((2, 3)).view(2, 8, 6))
        torch.testing.assert_close(head(x, num_segs=8), head.fc_cls(features))
        assert set(head.state_dict()) == {'fc_cls.weight', 'fc_cls.bias'}

    @pytest.mark.parametrize('expansion', [1, 2, 8])
    def test_expansion(self, expansion):
        first = build(expansion=expansion).aggregation.weight_perception[0]
        assert first.weight.shape == (7 * expansion, 7)

    def test_unknown_aggregation(self):
        with pytest.raises(
            ValueError, match="aggregation: expected 'vap', 'vip' or 'avg', got 'x'"
        ):
            build(aggregation='x')

    def test_average_serves_any_number(self):
        head = build(aggregation='avg', num_segments=5)
        assert head(torch.randn(5, 6, 1, 1), num_segs=5).shape == (1, 5)

    def test_order_of_segments_and_videos(self):
        """A video's score depends on its own segments only."""
        head = build().eval()
        x = torch.randn(16, 6, 2, 3)
        torch.testing.assert_close(head(x, num_segs=8)[1:], head(x[8:], num_segs=8))

    def test_views_of_a_video_are_averaged(self):
        head = build(average_clips='score').eval()
        x = torch.randn(32, 6, 1, 1)  # 2 videos, 2 views each
        samples = head.predict(x, [ActionDataSample(), ActionDataSample()], num_segs=16)
        scores = head(x, num_segs=16).view(2, 2, 5).mean(1).softmax(1)
        for sample, score in zip(samples, scores, strict=True):
            torch.testing.assert_close(sample.pred_score, score)

    def test_probabilities(self):
        head = build(average_clips='prob').eval()
        (sample,) = head.predict(torch.randn(8, 6, 1, 1), [ActionDataSample()], num_segs=8)
        torch.testing.assert_close(sample.pred_score.sum(), torch.tensor(1.0))

    def test_independent_classes(self):
        head = build(average_clips='score', loss_cls=dict(type='BCELossWithLogits')).eval()
        x = torch.randn(8, 6, 1, 1)
        (sample,) = head.predict(x, [ActionDataSample()], num_segs=8)
        torch.testing.assert_close(sample.pred_score, head(x, num_segs=8)[0].sigmoid())

    def test_loss(self):
        head = build().train()
        samples = [ActionDataSample().set_gt_label(i) for i in (1, 4)]
        losses = head.loss(torch.randn(16, 6, 1, 1), samples, num_segs=8)
        assert losses['loss_cls'] > 0
        losses['loss_cls'].backward()
        assert all(p.grad is not None for p in head.parameters())

    def test_dropout_before_the_classifier(self):
        head = build(dropout_ratio=0.999999).train()
        torch.testing.assert_close(
            head(torch.randn(8, 6, 1, 1), num_segs=8)[0], head.fc_cls.bias, rtol=0, atol=1e-3
        )

    def test_segments_that_vap_cannot_serve(self):
        with pytest.raises(ValueError, match='num_segments.*got 7'):
            build(num_segments=7)

    def test_segments_of_the_pipeline(self):
        with pytest.raises(
            ValueError, match='num_segments: expected a multiple of the head.*got 6'
        ):
            build()(torch.zeros(6, 6, 1, 1), num_segs=6)
