"""A video data set that survives bad files in training and names them in a test."""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator
from typing import Any

import numpy as np
import torch
from mmaction.datasets import VideoDataset
from mmengine.fileio import exists, list_from_file
from mmengine.logging import print_log

from ..registry import DATASETS
from .video_check import video_problem

__all__ = ['RobustVideoDataset']


@DATASETS.register_module()
class RobustVideoDataset(VideoDataset):
    """MMAction2's VideoDataset, with bad files and bad lists dealt with.

    In training, a video that is missing, empty, truncated, undecodable or too short is logged once
    and another one, drawn with ``np.random``, takes its place. With ``test_mode=True`` it raises
    one sentence that names it. The list is checked when it is loaded: a missing file or directory,
    a line without an integer label, a label outside ``num_classes``.

    Args are those of ``mmaction.datasets.VideoDataset``. ``num_classes``, if given, bounds the
    labels: 0 <= label < num_classes. ``max_refetch`` bounds the videos tried in place of a bad one.
    Other than upstream, a path may contain the delimiter, and empty lines are skipped.
    """

    def load_data_list(self) -> list[dict]:
        """Read and check the list.

        Raises:
            FileNotFoundError: the list, or the directory of the videos, is missing.
            ValueError: a line is wrong, or there is none.
        """
        self._check_paths()
        lines = enumerate(list_from_file(self.ann_file), start=1)
        data_list = [self._parse_line(number, line) for number, line in lines if line.strip()]
        if not data_list:
            raise ValueError(f'{self.ann_file}: expected at least one video, got an empty list')
        # Shared by the workers of a loader, so that each bad file is logged once by all of them.
        self._logged = torch.zeros(len(data_list), dtype=torch.bool).share_memory_()
        return data_list

    def __getitem__(self, idx: int) -> Any:
        """Return sample ``idx``, or in training another one if its video is bad."""
        if self.test_mode:
            return super().__getitem__(idx)
        for candidate in self._candidates(idx):
            data = self.prepare_data(candidate)
            if data is not None:
                return data
        raise ValueError(
            f'{self.ann_file}: expected a usable video among up to {self.max_refetch + 1} tried, '
            f'got none; the first was {self.get_data_info(idx)["filename"]}'
        )

    def prepare_data(self, idx: int) -> Any:
        """Run the pipeline on sample ``idx``; None, after a log message, if its video is bad."""
        info = self.get_data_info(idx)
        path = _with_suffix(info['filename'])
        try:
            return self.pipeline(info)
        except Exception as error:
            problem = video_problem(path, error)
            if problem is None:
                raise
        if self.test_mode:
            raise problem
        return self._log_once(idx, problem)

    def _candidates(self, idx: int) -> Iterator[int]:
        yield idx
        for other in np.random.permutation(len(self))[: self.max_refetch]:
            if other != idx:
                yield int(other)

    def _log_once(self, idx: int, problem: Exception) -> None:
        if not self._logged[idx]:
            self._logged[idx] = True
            print_log(f'Skipped: {problem}', logger='current', level=logging.WARNING)

    def _check_paths(self) -> None:
        if not exists(self.ann_file):
            raise FileNotFoundError(
                f'{self.ann_file}: expected an annotation file of lines "path label", '
                'got no such file'
            )
        folder = self.data_prefix.get('video')
        if folder and '://' not in folder and not os.path.isdir(folder):
            raise FileNotFoundError(f'{folder}: expected a directory of videos, got no such one')

    def _parse_line(self, number: int, line: str) -> dict:
        path, labels = self._split_line(line.strip())
        place = f'{self.ann_file}, line {number}'
        labels = [self._parse_label(place, label) for label in labels]
        if not labels and not self.test_mode:
            raise ValueError(f'{place}: expected "path label", got {line.strip()!r}')
        path = os.path.join(self.data_prefix.get('video') or '', path)
        # -1 stands for no label upstream, where a list is only to be predicted.
        return dict(filename=path, label=labels if self.multi_class else (labels or [-1])[0])

    def _split_line(self, line: str) -> tuple[str, list[str]]:
        first, *others = line.split(self.delimiter)
        if self.multi_class or not others:
            return first, others
        return self.delimiter.join([first, *others[:-1]]), others[-1:]

    def _parse_label(self, place: str, text: str) -> int:
        try:
            label = int(text)
        except ValueError:
            raise ValueError(f'{place}: expected an integer label, got {text!r}') from None
        if self.num_classes is not None and not 0 <= label < self.num_classes:
            expected = f'a label of 0 to {self.num_classes - 1} (num_classes={self.num_classes})'
            raise ValueError(f'{place}: expected {expected}, got {label}')
        return label


def _with_suffix(path: str) -> str:
    # MMAction2's decoders take a name without a suffix for an MP4 file.
    return path if os.path.splitext(path)[1] else f'{path}.mp4'
