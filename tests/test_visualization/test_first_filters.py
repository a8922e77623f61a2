"""Filters over time: known kernels, their pictures and the tool on tiny checkpoints."""

import runpy
import sys
from pathlib import Path

import numpy as np
import pytest
import torch
from matplotlib.image import imread
from mmengine.config import Config
from mmengine.registry import DefaultScope

from mmmotion.registry import MODELS
from mmmotion.visualization import draw_filters, filter_pictures, temporal_change

SCRIPT = Path(__file__).parents[2] / 'tools/analysis_tools/first_filters.py'
MOTION = dict(type='mmmotion.MotionBackbone', motion=dict(type='mmmotion.PersistenceOfAppearance'))


class TestChange:
    def test_inflated_filters_do_not_change(self):
        weight = torch.randn(4, 3, 1, 5, 5).expand(-1, -1, 7, -1, -1)
        assert temporal_change(weight) == pytest.approx(0, abs=1e-6)

    def test_a_derivative_is_nothing_but_change(self):
        kernel = torch.randn(4, 3, 1, 5, 5)
        weight = torch.cat([-kernel, 0 * kernel, kernel], dim=2)
        assert temporal_change(weight) == pytest.approx(1)

    def test_by_hand(self):
        """Taps 1 and 3 over time: deviations 1 and 1 of a norm of sqrt(10); the other is 0."""
        weight = torch.zeros(2, 1, 2, 1, 1)
        weight[0, 0, :, 0, 0] = torch.tensor([1.0, 3.0])
        assert temporal_change(weight) == pytest.approx((2**0.5 / 10**0.5 + 0) / 2)

    def test_against_the_standard_deviation(self):
        weight = torch.randn(6, 2, 3, 4, 5).numpy()
        ratios = [np.sqrt(3 * (f.std(axis=1) ** 2).sum()) / np.sqrt((f**2).sum()) for f in weight]
        assert temporal_change(torch.from_numpy(weight)) == pytest.approx(np.mean(ratios), rel=1e-5)

    def test_exception(self):
        with pytest.raises(ValueError, match=r'weight: expected \(out, in, kt, kh, kw\), got \(1,'):
            temporal_change(torch.zeros(1, 3, 7, 7))


class TestPictures:
    def test_colours_over_time(self):
        weight = torch.zeros(2, 3, 4, 5, 6)
        weight[0, 1, 2, 3, 4] = 2.0
        weight[0, 0, 0, 0, 0] = -1.0
        pictures = filter_pictures(weight, rgb=True)
        assert pictures.shape == (2, 4, 5, 6, 3)
        assert pictures[0, 2, 3, 4].tolist() == [0.5, 1.0, 0.5]
        assert pictures[0, 0, 0, 0].tolist() == [0.25, 0.5, 0.5]
        assert (pictures[1] == 0.5).all()

    def test_other_channels_over_time_show_their_mean(self):
        weight = torch.randn(2, 5, 4, 3, 3)
        pictures = filter_pictures(weight, rgb=False)
        assert pictures.shape == (2, 4, 3, 3, 3)
        mean = weight.mean(dim=1)
        expected = 0.5 + 0.5 * mean[1] / mean[1].abs().max()
        np.testing.assert_allclose(pictures[1, ..., 2], expected, rtol=1e-5)

    def test_a_picture_for_each_motion_channel(self):
        weight = torch.zeros(1, 4, 3, 3)
        weight[0, 2] = -1
        pictures = filter_pictures(weight, rgb=False)
        assert pictures.shape == (1, 4, 3, 3, 3)
        assert pictures[0, :, 0, 0, 0].tolist() == [0.5, 0.5, 0.0, 0.5]

    def test_2d_colours(self):
        assert filter_pictures(torch.randn(2, 3, 5, 5), rgb=True).shape == (2, 1, 5, 5, 3)

    def test_exception(self):
        with pytest.raises(ValueError, match=r'weight: expected \(out, 3, kh, kw\) or'):
            filter_pictures(torch.zeros(1, 4, 7, 7), rgb=True)
        with pytest.raises(ValueError, match=r'weight: expected \(out, in, kh, kw\) or'):
            filter_pictures(torch.zeros(1, 4), rgb=False)


SHAPES = [
    ((64, 3, 3, 7, 7), True),
    ((5, 3, 7, 7), True),
    ((40, 6, 3, 3), False),
    ((2, 8, 20, 1, 1), False),
]


@pytest.mark.parametrize(('shape', 'rgb'), SHAPES)
def test_drawing(tmp_path, shape, rgb):
    path = tmp_path / 'filters.png'
    draw_filters(torch.randn(shape), rgb=rgb, path=path, title='title')
    assert imread(path).shape[1] >= 360
    assert [file.name for file in tmp_path.iterdir()] == ['filters.png']


def test_none_to_draw(tmp_path):
    with pytest.raises(ValueError, match='^num: expected at least 1 filter, got 0$'):
        draw_filters(torch.zeros(4, 3, 3, 3), rgb=True, num=0, path=tmp_path / 'f.png', title='')


def recognizer2d(motion):
    resnet = dict(type='ResNet', depth=18, pretrained=None)
    backbone = dict(MOTION, backbone=resnet) if motion else resnet
    head = dict(type='TSNHead', num_classes=2, in_channels=512)
    return dict(type='Recognizer2D', backbone=backbone, cls_head=head)


R3D = dict(
    type='Recognizer3D',
    backbone=dict(type='ResNet3d', depth=18, pretrained=None, base_channels=8),
    cls_head=dict(type='I3DHead', num_classes=2, in_channels=64),
)
BRANCHES = dict(
    type='mmmotion.BranchRecognizer',
    branches=dict(rgb=recognizer2d(motion=False), pa=recognizer2d(motion=True)),
)


@pytest.fixture
def run(monkeypatch, capsys, tmp_path):
    def run(model, *arguments):
        with DefaultScope.overwrite_default_scope('mmaction'):
            weights = MODELS.build(model).state_dict()
        for key in weights:
            if key.endswith('conv1.conv.weight') and weights[key].dim() == 5:
                weights[key] = weights[key][:, :, :1].expand_as(weights[key]).clone()
        torch.save(dict(state_dict=weights, meta={}), tmp_path / 'm.pth')
        Config(dict(model=model, default_scope='mmaction')).dump(tmp_path / 'c.py')
        files = ['--config', tmp_path / 'c.py', '--checkpoint', tmp_path / 'm.pth']
        monkeypatch.setattr(sys, 'argv', [str(SCRIPT), *map(str, [*files, *arguments])])
        runpy.run_path(str(SCRIPT), run_name='__main__')
        return capsys.readouterr().out

    return run


def test_tool_on_an_inflated_network(run, tmp_path):
    printed = run(R3D, '--out', tmp_path / 'new/f.png', '--num', 4)
    assert 'of the norm of a filter, 0.0% change over time (mean of 8)' in printed
    assert (tmp_path / 'new/f.png').exists()


def test_tool_on_a_branch(run, tmp_path, capsys):
    run(BRANCHES, '--out', tmp_path / 'f.png', '--branch', 'pa')
    assert imread(tmp_path / 'f.png').shape[1] > imread(tmp_path / 'f.png').shape[0]
    with pytest.raises(SystemExit):
        run(BRANCHES, '--out', tmp_path / 'f.png', '--branch', 'flow')
    assert 'error: branch: expected one of pa, rgb, got flow' in capsys.readouterr().err


def test_tool_takes_no_branch_where_there_is_none(run, tmp_path, capsys):
    with pytest.raises(SystemExit):
        run(R3D, '--out', tmp_path / 'f.png', '--branch', 'rgb')
    assert 'branch: expected none, as the model has none, got rgb' in capsys.readouterr().err
