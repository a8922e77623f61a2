"""Pictures of flow, as a user draws them without a trained model."""

import cv2
import numpy as np
import pytest
from layouts import write_video

DEMOS = ['demo/displacement_map.py', 'demo/representation_flow.py']


@pytest.fixture
def video(tmp_path):
    path = tmp_path / 'moving.avi'
    texture = np.random.default_rng(0).integers(256, size=(12, 20, 3), dtype=np.uint8)
    texture = cv2.resize(texture, (80, 48), interpolation=cv2.INTER_CUBIC)
    write_video(path, [np.ascontiguousarray(texture[:, 8 - t : 72 - t]) for t in range(4)])
    return path


@pytest.mark.parametrize('demo', DEMOS)
def test_motion_to_the_right_is_red(call, video, tmp_path, demo):
    picture = tmp_path / 'out.png'
    call(demo, video, '--pairs', 2, '--out', picture, '--flow', 'farneback')
    colours = cv2.imread(str(picture)).astype(int)
    columns = colours[..., 2] - colours[..., :2].max(axis=2) > 100
    assert (columns.mean(axis=0) > 0.3).sum() > 150  # of two fields at the least, 100 pixels each


@pytest.mark.parametrize('demo', DEMOS)
def test_frames_that_are_not_there(call, video, tmp_path, demo):
    status, _, said = call(demo, video, '--pairs', 9, '--out', tmp_path / 'out.png')
    assert status == 2
    assert 'expected frames within 0 to 3, got 0 to ' in said
    assert not (tmp_path / 'out.png').exists()


def test_channels_that_are_not_there(call, video, tmp_path):
    options = ['--pairs', 1, '--channels', 3, '--out', tmp_path / 'out.png']
    _, _, said = call('demo/representation_flow.py', video, *options)
    assert '--channels: expected 0 to 2, got [3]' in said
