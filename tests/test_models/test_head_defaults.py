"""A head of ours in a config that says nothing of ``average_clips`` gives one score a video."""

import pytest
import torch
from mmaction.evaluation import AccMetric
from mmaction.structures import ActionDataSample

import mmmotion  # noqa: F401
from mmmotion.registry import MODELS

HEADS = dict(
    vap=dict(type='mmmotion.VAPHead', num_classes=5, in_channels=8, num_segments=4),
    off=dict(type='mmmotion.OFFHead', num_classes=5, in_channels=8, level_channels=[4]),
)
# Of 2 videos, 3 views of each.
FEATURES = dict(
    vap=torch.randn(2 * 3 * 4, 8, 2, 2), off=[torch.randn(2 * 3, 8), torch.randn(2 * 3, 4)]
)


@pytest.mark.parametrize('name', HEADS)
@pytest.mark.parametrize('loss', ['CrossEntropyLoss', 'BCELossWithLogits'])
@torch.no_grad()
def test_one_score_a_video(name, loss):
    torch.manual_seed(0)
    head = MODELS.build(dict(HEADS[name], loss_cls=dict(type=loss))).eval()
    logits = head(FEATURES[name], num_segs=12)
    samples = [ActionDataSample().set_gt_label(i) for i in range(2)]
    results = head.predict_by_feat(logits, samples)
    mean = logits.view(2, 3, 5).mean(1)
    expected = mean.sigmoid() if loss.startswith('BCE') else mean.softmax(1)
    torch.testing.assert_close(torch.stack([r.pred_score for r in results]), expected)
    metric = AccMetric()
    metric.process(None, [r.to_dict() for r in results])
    assert 'top1' in metric.compute_metrics(metric.results)
