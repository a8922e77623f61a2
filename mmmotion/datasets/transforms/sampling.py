"""Sampling of stacks of adjacent frames: PAN's input, N segments of m frames.

Deviates: the paper leaves open what a short video gives; stated at each rule below.
"""

from collections.abc import Callable
from functools import wraps
from typing import Any

import numpy as np
from mmcv.transforms import BaseTransform

from mmmotion.checks import check_integer
from mmmotion.datasets.media.video import VideoError
from mmmotion.registry import TRANSFORMS

__all__ = ['StackedSampleFrames', 'check_length', 'stack_indices', 'takes_num_segments']


def takes_num_segments(init: Callable[..., None]) -> Callable[..., None]:
    """Let a sampler's constructor take ``num_segments``, the former name of ``num_clips``.

    It goes before ``num_clips``, since only a config written for the former name has it, on top of
    a base that has the new one.
    """

    @wraps(init)
    def renamed(self: Any, *args: Any, num_segments: int | None = None, **kwargs: Any) -> None:
        if num_segments is not None:
            kwargs['num_clips'] = num_segments
        init(self, *args, **kwargs)

    return renamed


@TRANSFORMS.register_module(name=['StackedSampleFrames', 'SampleFrameStacks'])
class StackedSampleFrames(BaseTransform):
    """Sample one stack of ``clip_len`` adjacent frames from each of ``num_clips`` segments.

    With n frames, m = clip_len and N = num_clips, the stack of segment i starts

    - in training at i * d + rand(d), d = (n - m + 1) // N; where d is 0, at the i-th smallest of N
      random starts in 0..n-m;
    - in validation and test at int(tick / 2 + tick * i), tick = (n - m + 1) / N, and for the second
      view of ``twice_sample`` at int(tick * i).

    MMAction2's ``SampleFrames`` differs in test mode (100 frames, N = 8, m = 4: 0, 14, ..., 96
    instead of 6, 18, ..., 90) and continues a short video with its first frame, a false cut.

    Required keys: ``total_frames``; ``start_index`` (0 if missing).
    Added keys: ``frame_inds``, N * m of them (2 * N * m with ``twice_sample``), stack by stack;
    ``clip_len``, ``frame_interval`` (1), ``num_clips``: N, also with ``twice_sample``, whose second
    view counts as a second crop, as upstream. With ``as_one_clip``: N * m, 1 and 1.

    ``FormatShape(input_format='NCTHW')`` then gives (N, 3, m, H, W), two views 2 * N.

    MMAction2's demos look for ``SampleFrames`` in a sampler's name, and for ``clip_len`` and
    ``num_clips`` among its arguments. The former names, ``SampleFrameStacks`` and ``num_segments``,
    can be used in a config as well.

    Args:
        num_clips: N, at least 1.
        clip_len: m, at least 1; the adjacent frames of a stack.
        test_mode: whether the starts are fixed.
        twice_sample: whether there is a second view; with ``test_mode`` only.
        repeat_last: whether a video of less than m frames is continued by its last frame, as the
            released code does; else it is an error.
        as_one_clip: whether the stacks of a view make one clip of N * m frames, (1, 3, N * m, H, W)
            for a 3D network that looks across segments, rather than N clips.

    Raises:
        ValueError: a number is less than 1, or ``twice_sample`` is asked for in training.
    """

    @takes_num_segments
    def __init__(
        self,
        num_clips: int,
        clip_len: int,
        test_mode: bool = False,
        twice_sample: bool = False,
        repeat_last: bool = False,
        as_one_clip: bool = False,
    ) -> None:
        check_integer('num_clips', num_clips)
        check_integer('clip_len', clip_len)
        if twice_sample and not test_mode:
            raise ValueError('twice_sample: expected False without test_mode, got True')
        self.num_clips = num_clips
        self.clip_len = clip_len
        self.test_mode = test_mode
        self.twice_sample = twice_sample
        self.repeat_last = repeat_last
        self.as_one_clip = as_one_clip

    def transform(self, results: dict) -> dict:
        """Add the indices of the frames to decode.

        Raises:
            VideoError: a ValueError; the video has less than ``clip_len`` frames.
        """
        total = results['total_frames']
        check_length(results, least=1 if self.repeat_last else self.clip_len)
        num_starts = max(total - self.clip_len + 1, 1)
        starts = self._test_starts(num_starts) if self.test_mode else self._train_starts(num_starts)
        results['frame_inds'] = stack_indices(results, starts, self.clip_len)
        results['frame_interval'] = 1
        if self.as_one_clip:
            results['clip_len'] = self.num_clips * self.clip_len
            results['num_clips'] = 1
        else:
            results['clip_len'] = self.clip_len
            results['num_clips'] = self.num_clips
        return results

    def __repr__(self) -> str:
        return (
            f'{type(self).__name__}(num_clips={self.num_clips}, clip_len={self.clip_len}, '
            f'test_mode={self.test_mode}, twice_sample={self.twice_sample}, '
            f'repeat_last={self.repeat_last}, as_one_clip={self.as_one_clip})'
        )

    def _train_starts(self, num_starts: int) -> np.ndarray:
        stride = num_starts // self.num_clips
        if stride == 0:
            return np.sort(np.random.randint(num_starts, size=self.num_clips))
        jitter = np.random.randint(stride, size=self.num_clips)
        return np.arange(self.num_clips) * stride + jitter

    def _test_starts(self, num_starts: int) -> np.ndarray:
        tick = num_starts / self.num_clips
        starts = tick * np.arange(self.num_clips)
        middles = tick / 2 + starts
        if self.twice_sample:
            return np.concatenate([middles, starts]).astype(int)
        return middles.astype(int)


def check_length(results: dict, *, least: int) -> None:
    """Check that the video of a sample is not too short.

    Args:
        results: the sample, with ``total_frames`` and the path of its file or folder.
        least: the frames that it must have.

    Raises:
        VideoError: a ValueError; it has fewer.
    """
    total = results['total_frames']
    if total < least:
        path = results.get('filename') or results.get('frame_dir') or 'total_frames'
        raise VideoError(f'{path}: expected a video of at least {least} frames, got {total}')


def stack_indices(results: dict, starts: np.ndarray, clip_len: int) -> np.ndarray:
    """Return the indices of the frames to decode, stack after stack.

    Args:
        results: the sample, with ``total_frames`` and ``start_index`` (0 if missing).
        starts: (N,) the first frame of each stack, counted from 0.
        clip_len: m, the adjacent frames of a stack; past the end the last frame repeats.

    Returns:
        (N * m,), int32, counted from ``start_index``.
    """
    frames = starts[:, None] + np.arange(clip_len)  # (N, m)
    last = results['total_frames'] - 1
    inds = np.minimum(frames, last).ravel()
    return inds.astype(np.int32) + results.get('start_index', 0)
