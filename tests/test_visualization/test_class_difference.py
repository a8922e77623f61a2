"""The bar chart of differences between classes."""

import numpy as np
import pytest
from matplotlib.image import imread

from mmmotion.visualization import draw_class_differences


def count(picture, color):
    return int((abs(picture[..., :3] - color).max(axis=-1) < 0.02).sum())


def test_bars_are_as_long_as_the_differences(tmp_path):
    path = tmp_path / 'new/chart.png'
    names = ['playing bagpipes', 'yoga']
    draw_class_differences(np.array([0.3, -0.1]), names, path=path, title='A against B')
    picture = imread(path)
    blue = count(picture, np.array([0x1F, 0x77, 0xB4]) / 255)
    red = count(picture, np.array([0xD6, 0x27, 0x28]) / 255)
    assert blue / red == pytest.approx(3, rel=0.05)
    assert [file.name for file in path.parent.iterdir()] == ['chart.png']


def test_no_difference_at_all(tmp_path):
    path = tmp_path / 'chart.png'
    draw_class_differences(np.zeros(3), ['a', 'b', 'c'], path=path, title='')
    assert imread(path).shape[0] > 100


@pytest.mark.parametrize(('count', 'names'), [(2, ['a']), (0, [])])
def test_other_number_of_names(tmp_path, count, names):
    with pytest.raises(ValueError, match=f'^names: expected one for each of {count} bars, got'):
        draw_class_differences(np.zeros(count), names, path=tmp_path / 'chart.png', title='')
    assert not list(tmp_path.iterdir())
