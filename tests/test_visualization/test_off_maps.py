import numpy as np
import pytest
from matplotlib.image import imread

from mmmotion.visualization import draw_off


def test_picture(tmp_path):
    """Red where a gradient is above 0, blue below, as much of each."""
    frames = np.full((3, 20, 30, 3), 128, np.uint8)
    maps = np.zeros((3, 10, 15))
    maps[:, :, :5], maps[:, :, 10:] = 2, -2
    path = tmp_path / 'deep/off.png'
    draw_off(frames, dict(Fx=maps, Ft=0 * maps), path=path, title='a title')
    picture = imread(path)
    reds = (picture[..., 0] > picture[..., 2] + 0.2).sum()
    blues = (picture[..., 2] > picture[..., 0] + 0.2).sum()
    assert reds > 1000
    assert reds == pytest.approx(blues, rel=0.1)
    assert [file.name for file in path.parent.iterdir()] == ['off.png']


def test_other_number_of_pairs(tmp_path):
    with pytest.raises(ValueError, match='Ft: expected 3 maps, one a frame, got 2'):
        draw_off(
            np.zeros((3, 8, 8, 3), np.uint8),
            dict(Fx=np.zeros((3, 4, 4)), Ft=np.zeros((2, 4, 4))),
            path=tmp_path / 'off.png',
            title='',
        )
