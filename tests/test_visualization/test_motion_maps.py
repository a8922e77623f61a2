"""The picture of frames over maps."""

import cv2
import numpy as np
import pytest

from mmmotion.visualization import draw_frames_over_maps


def test_bright_where_it_moves(tmp_path):
    """The right half of the map moves, so only there the lower row is bright."""
    frames = np.zeros((1, 1, 40, 80, 3), np.uint8)
    maps = np.zeros((1, 1, 40, 80))
    maps[..., 40:] = 3.0
    path = tmp_path / 'new' / 'maps.png'
    draw_frames_over_maps(frames, maps, path=path, title='half')
    picture = cv2.imread(str(path), cv2.IMREAD_GRAYSCALE)
    lower = picture[len(picture) * 3 // 4]
    middle = len(lower) // 2
    assert lower[middle + 10] > 200
    assert lower[middle - 10] < 20
    assert [p.name for p in path.parent.iterdir()] == ['maps.png']


def test_static_clip(tmp_path):
    path = tmp_path / 'static.png'
    zeros = np.zeros((3, 2, 8, 8))
    draw_frames_over_maps(np.zeros((3, 2, 8, 8, 3), np.uint8), zeros, path=path, title='static')
    assert cv2.imread(str(path)) is not None


def test_other_stacks(tmp_path):
    with pytest.raises(ValueError, match=r'maps: expected \(1, 2, 8, 8\), as many as frames, got'):
        draw_frames_over_maps(
            np.zeros((1, 2, 8, 8, 3), np.uint8),
            np.zeros((1, 3, 8, 8)),
            path=tmp_path / 'never.png',
            title='',
        )
    assert not list(tmp_path.iterdir())
