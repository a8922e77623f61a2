"""Media, written."""

import cv2
import numpy as np
import pytest

from mmmotion.datasets.media import write_video


def test_write_video(tmp_path):
    frames = np.zeros((5, 32, 64, 3), np.uint8)
    frames[:, :, :32, 0] = 255  # red on the left
    write_video(tmp_path / 'new/cam.mp4', frames, fps=8)
    capture = cv2.VideoCapture(str(tmp_path / 'new/cam.mp4'))
    assert capture.get(cv2.CAP_PROP_FRAME_COUNT) == 5
    blue, _, red = capture.read()[1][16, 8].tolist()
    assert red > 200 > 50 > blue
    assert [file.name for file in (tmp_path / 'new').iterdir()] == ['cam.mp4']


def test_no_video_is_left_of_a_failure(tmp_path):
    with pytest.raises(OSError, match='expected 0 frames|expected 2 frames'):
        write_video(tmp_path / 'cam.mp4', np.zeros((2, 0, 0, 3), np.uint8), fps=8)
    assert not list(tmp_path.iterdir())
