"""Sampling at one interval in training and in testing (OFF, section 4.2).

Deviates: the paper leaves open where testing begins and what a short video gives; stated below.
"""

import logging

import numpy as np
import torch
from mmcv.transforms import BaseTransform
from mmengine.logging import print_log

from mmmotion.checks import check_integer
from mmmotion.datasets.transforms.sampling import check_length, stack_indices, takes_num_segments
from mmmotion.registry import TRANSFORMS

__all__ = ['ConstantIntervalSampleFrames']


@TRANSFORMS.register_module(name=['ConstantIntervalSampleFrames', 'ConstantIntervalSample'])
class ConstantIntervalSampleFrames(BaseTransform):
    """Sample segments that are one test segment apart, fewer of them in training.

    With L frames, alpha = num_clips and beta = test_segments, the interval is d = L // beta, and
    a segment begins at

    - in training p, p + d, ..., p + (alpha - 1) * d, p drawn from 0..L-1-(alpha-1)*d;
    - in validation and test p, ..., p + (beta - 1) * d with p = (L - 1 - (beta - 1) * d) // 2.

    With m = clip_len adjacent frames in a segment, L - m + 1 takes the place of L in both bounds of
    p, which are never less than 0; past the end of the video its last frame repeats.

    A video of less than beta frames is stretched to beta by repeating its frames in order, and this
    is logged once: HMDB51 has such videos. There d is 1 frame of the stretched video.

    Required keys: ``total_frames``; ``start_index`` (0 if missing).
    Added keys: ``frame_inds``, segment by segment; ``clip_len``, ``frame_interval`` (1, within a
    segment), ``num_clips``: alpha, or beta in testing.

    The former names, ``ConstantIntervalSample`` and ``num_segments``, can be used in a config as
    well.

    Args:
        num_clips: alpha, at least 2 and at most beta.
        test_segments: beta.
        clip_len: adjacent frames of a segment: 1 for RGB, 6 for 5 RGB differences, 5 for flow.
        test_mode: whether all beta segments are taken, always the same.

    Raises:
        ValueError: a number is not in its range.
    """

    @takes_num_segments
    def __init__(
        self, num_clips: int, test_segments: int, clip_len: int = 1, test_mode: bool = False
    ) -> None:
        check_integer('num_clips', num_clips)
        check_integer('clip_len', clip_len)
        if not 2 <= num_clips <= test_segments:
            raise ValueError(
                f'num_clips: expected 2..{test_segments} (test_segments), got {num_clips}'
            )
        self.num_clips = num_clips
        self.test_segments = test_segments
        self.clip_len = clip_len
        self.test_mode = test_mode
        self._logged = torch.zeros(1, dtype=torch.bool).share_memory_()  # by any worker of a loader

    def transform(self, results: dict) -> dict:
        """Add the indices of the frames to decode.

        Raises:
            VideoError: a ValueError; the video has no frame.
        """
        check_length(results, least=1)
        total = results['total_frames']
        count = self.test_segments if self.test_mode else self.num_clips
        stretched = max(total, self.test_segments)
        starts = self._starts(stretched, count)
        if total < self.test_segments:
            starts = starts * total // self.test_segments
            self._log_once(results.get('filename', 'a video'), total)
        results['frame_inds'] = stack_indices(results, starts, self.clip_len)
        results.update(clip_len=self.clip_len, frame_interval=1, num_clips=count)
        return results

    def __repr__(self) -> str:
        return (
            f'{type(self).__name__}(num_clips={self.num_clips}, '
            f'test_segments={self.test_segments}, clip_len={self.clip_len}, '
            f'test_mode={self.test_mode})'
        )

    def _starts(self, total: int, count: int) -> np.ndarray:
        interval = total // self.test_segments
        reach = (count - 1) * interval + self.clip_len
        last = max(total - reach, 0)
        first = last // 2 if self.test_mode else np.random.randint(last + 1)
        return first + interval * np.arange(count)

    def _log_once(self, name: str, total: int) -> None:
        if not self._logged:
            self._logged[:] = True
            print_log(
                f'{name} has {total} frames, less than the {self.test_segments} that are sampled: '
                'its frames, and those of other such videos, repeat in order',
                logger='current',
                level=logging.WARNING,
            )
