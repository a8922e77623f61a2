"""The picture of displacements beside flow."""

import cv2
import numpy as np
import pytest

from mmmotion.visualization import draw_displacements, paint_difference


def test_paint_difference():
    change = np.zeros((3, 2, 3))
    change[:, 0, 1], change[:, 1, 2] = 200, -20
    painted = paint_difference(change)
    assert painted.shape == (2, 3, 3)
    assert painted[0, 1].tolist() == [255] * 3
    assert painted[1, 2].tolist() == [98] * 3
    assert painted[0, 0].tolist() == [128] * 3


def test_a_row_for_every_pair(tmp_path):
    frames = np.zeros((3, 8, 12, 3), np.uint8)
    flow = np.zeros((2, 2, 4, 6))
    flow[0, 0] = 2  # to the right: red
    path = tmp_path / 'new.png'
    draw_displacements(
        frames, {'map': flow}, {'change': np.zeros((2, 3, 8, 12))}, reach=2, path=path, title='x'
    )
    picture = cv2.imread(str(path)).astype(int)
    red = (picture[..., 2] - picture[..., :2].max(axis=2)) > 150
    rows = np.flatnonzero(red.any(axis=1))
    assert rows.max() < len(picture) * 0.65
    with pytest.raises(ValueError, match=r'map: expected maps of 2 pairs, got \(1, 2, 4, 6\)'):
        draw_displacements(frames, {'map': flow[:1]}, {}, reach=2, path=path, title='x')
