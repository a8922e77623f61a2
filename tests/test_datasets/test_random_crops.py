"""Random crops of a video, place by place."""

import numpy as np
import pytest

from mmmotion.registry import TRANSFORMS


def crops(frames, **kwargs):
    return TRANSFORMS.build(dict(type='RandomCrops', **kwargs))(dict(imgs=list(frames)))


def test_all_frames_at_one_place():
    """A pixel says where it is, and its frame."""
    y, x = np.mgrid[:9, :12].astype(np.uint8)
    frames = [np.stack([y, x, np.full_like(x, t)], axis=-1) for t in range(3)]
    np.random.seed(0)
    out = crops(frames, num_crops=25, crop_size=5)
    places = np.stack(out['imgs']).reshape(25, 3, 5, 5, 3)
    assert out['img_shape'] == (5, 5)
    assert (places[..., 2] == np.arange(3)[:, None, None]).all()
    assert (places[..., :2] == places[:, :1, ..., :2]).all()
    corners = places[:, 0, 0, 0, :2]
    assert corners.min() == 0
    assert corners.max(axis=0).tolist() == [4, 7]
    assert (places[:, 0, ..., 0] - corners[:, 0, None, None] == np.arange(5)[:, None]).all()
    assert len(np.unique(corners, axis=0)) > 10


def test_views_of_a_clip():
    """FormatShape makes a view of each place."""
    out = crops(np.zeros((4, 8, 8, 3), np.uint8), num_crops=6, crop_size=8)
    out.update(num_clips=1, clip_len=4)
    shape = TRANSFORMS.build(dict(type='FormatShape', input_format='NCTHW'))(out)['imgs'].shape
    assert shape == (6, 3, 4, 8, 8)


def test_too_small():
    with pytest.raises(ValueError, match=r'crop_size: expected at most \(8, 8\), got 9'):
        crops(np.zeros((1, 8, 8, 3), np.uint8), num_crops=1, crop_size=9)
    with pytest.raises(ValueError, match='num_crops, crop_size: expected at least 1, got 0, 9'):
        crops([], num_crops=0, crop_size=9)
