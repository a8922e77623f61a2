"""Differences of frames, the earlier one warped by flow."""

import cv2
import numpy as np
import pytest
import torch
from mmengine.dataset import Compose
from mmengine.registry import init_default_scope

import mmmotion  # noqa: F401
from mmmotion.datasets.transforms import flow_difference
from mmmotion.ops import warped_difference
from mmmotion.registry import TRANSFORMS

METHODS = [
    'dis',
    pytest.param(
        'tvl1', marks=pytest.mark.skipif(not hasattr(cv2, 'optflow'), reason='no contrib')
    ),
]


def moving_texture(num_frames=3):
    """A soft texture that moves to the right by 2 and up by 1 pixel a frame."""
    rng = np.random.default_rng(0)
    texture = cv2.resize(rng.integers(0, 256, (9, 11, 3), np.uint8), (88, 72))
    return [np.ascontiguousarray(np.roll(texture, (-t, 2 * t), (0, 1))) for t in range(num_frames)]


@pytest.mark.parametrize('method', METHODS)
def test_motion_is_taken_out(method):
    frames = moving_texture()
    step = TRANSFORMS.build(dict(type='FlowWarpedDifference', method=method))
    results = step(dict(imgs=frames, clip_len=3, num_clips=1, modality='RGB'))
    assert (results['clip_len'], results['modality']) == (2, 'RGB')
    plain = [b.astype(int) - a for a, b in zip(frames, frames[1:], strict=False)]
    for left, change in zip(results['imgs'], plain, strict=True):
        assert left.dtype == np.int16
        inside = np.s_[12:-12, 12:-12]
        assert np.abs(left[inside]).mean() < 0.2 * np.abs(change[inside]).mean()


def test_as_the_operator(monkeypatch):
    """Later minus earlier, the flow read where things arrive, zero from outside."""
    frames = moving_texture(2)
    step = TRANSFORMS.build(dict(type='FlowWarpedDifference', method='dis'))
    flow = np.random.default_rng(1).normal(0, 3, (72, 88, 2)).astype(np.float32)
    monkeypatch.setattr(flow_difference, 'flow_between', lambda *frames: flow)
    (out,) = step(dict(imgs=frames, clip_len=2, num_clips=1, modality='RGB'))['imgs']
    f1, f2 = (torch.from_numpy(frame).permute(2, 0, 1)[None].float() for frame in frames)
    expected = warped_difference(f1, f2, torch.from_numpy(flow).permute(2, 0, 1)[None])
    # OpenCV rounds places to a 32nd of a pixel, and values to whole ones.
    assert (torch.from_numpy(out).permute(2, 0, 1) - expected[0]).abs().mean() < 1
    assert (torch.from_numpy(out).permute(2, 0, 1) - expected[0]).abs().max() < 16


def test_never_across_two_clips():
    init_default_scope('mmaction')
    frames = moving_texture(4)
    pipeline = Compose(
        [
            dict(type='mmmotion.FlowWarpedDifference', method='dis'),
            dict(type='FormatShape', input_format='NCTHW'),
        ]
    )
    results = pipeline(dict(imgs=frames, clip_len=2, num_clips=2, modality='RGB'))
    assert results['imgs'].shape == (2, 3, 1, 72, 88)
    assert results['imgs'].dtype == np.int16
