"""The picture of frames over maps."""

import cv2
import numpy as np
import pytest

from mmmotion.visualization import draw_frames_over_maps


def test_bright_where_it_moves(tmp_path):
    """The right half of the map moves, so only there the lower row is bright."""
    frames = np.zeros((1, 40, 80, 3), np.uint8)
    maps = np.zeros((1, 40, 80))
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
    zeros = np.zeros((6, 8, 8))
    draw_frames_over_maps(np.zeros((6, 8, 8, 3), np.uint8), zeros, path=path, title='static')
    assert cv2.imread(str(path)) is not None


def test_other_stacks(tmp_path):
    with pytest.raises(ValueError, match='maps: expected 2, as many as frames, got 3'):
        draw_frames_over_maps(
            np.zeros((2, 8, 8, 3), np.uint8),
            np.zeros((3, 8, 8)),
            path=tmp_path / 'never.png',
            title='',
        )
    assert not list(tmp_path.iterdir())


def test_many_maps_stay_legible(tmp_path):
    """Of 160 maps some are shown, not in a picture of thousands of pixels."""
    path = tmp_path / 'many.png'
    frames = np.zeros((160, 8, 8, 3), np.uint8)
    labels = [f'frame {index}' for index in range(160)]
    draw_frames_over_maps(
        frames, np.zeros((160, 8, 8)), path=path, title='', labels=labels, group=16
    )
    height, width, _ = cv2.imread(str(path)).shape
    assert max(height, width) < 1500
