"""The picture of frames over maps."""

import cv2
import numpy as np
import pytest
import torch

from mmmotion.visualization import (
    clip_pictures,
    draw_frames_over_maps,
    find_numbers,
    time_labels,
)


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


class TestFrameNumbers:
    @pytest.mark.parametrize(('inds', 'num_frames', 'numbers'), [
        ([4, 5, 8, 9], 4, [4, 5, 8, 9]),
        ([4, 5], 4, [4, 5, 4, 5]),  # two crops
        ([4, 5, 8, 9], 2, [4, 8]),  # a stack of flows is one picture
        ([4, 5, 6], 4, None),
        ([], 4, None),
    ])  # fmt: skip
    def test_frames(self, inds, num_frames, numbers):
        found = find_numbers(dict(frame_inds=np.array(inds)), num_frames)
        assert (found if found is None else found.tolist()) == numbers

    def test_times(self):
        labels = time_labels(dict(frame_inds=np.array([0, 30]), avg_fps=25), 2)
        assert labels == ['frame 0\n0.00 s', 'frame 30\n1.20 s']
        assert time_labels(dict(frame_inds=np.array([1, 2])), 2) == ['frame 1', 'frame 2']
        assert time_labels({}, 2) == ['picture 1', 'picture 2']

    def test_a_flow_is_shown_in_colours(self):
        flows = torch.full((2, 10, 4, 4), 128, dtype=torch.uint8)
        flows[1, 0] = 255  # to the right, which is red
        still, right = clip_pictures(flows)
        assert (still == 255).all()
        assert right[0, 0].tolist() == [255, 0, 0]
