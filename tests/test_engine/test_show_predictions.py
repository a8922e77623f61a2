"""The picture of a tested video says what is true and how probable what was predicted is."""

import pytest
import torch
from mmaction.structures import ActionDataSample

from mmmotion.engine.hooks.show_predictions import _caption, draw_prediction


def sample(scores, label):
    return ActionDataSample().set_pred_score(torch.tensor(scores)).set_gt_label(label)


def test_probabilities_stay_and_logits_become_some():
    classes = ['left', 'right', 'up']
    said = _caption('clip', sample([0.7, 0.2, 0.1], 1), classes)
    assert said == 'clip\nground truth: right\nprediction: left 0.700, right 0.200, up 0.100'
    logits = torch.tensor([0.7, 0.2, 0.1]).log().add(9).tolist()
    assert _caption('clip', sample(logits, 1), classes) == said
    assert 'ground truth' not in _caption('clip', sample([0.9, 0.1], -1), None)


@pytest.mark.parametrize(
    ('shape', 'dtype', 'columns'),
    [
        ((2, 3, 8, 8), torch.uint8, 2),  # frames of a 2D network
        ((3, 3, 4, 8, 8), torch.uint8, 8),  # stacks, or clips of a 3D network
        ((2, 10, 8, 8), torch.uint8, 2),  # stacks of 5 flows
        ((1, 3, 4, 8, 8), torch.int16, 4),  # signed differences
    ],
)
def test_every_layout(shape, dtype, columns):
    figure = draw_prediction(torch.randint(-9, 9, shape).to(dtype), 'a clip')
    assert len(figure.axes) == columns
