"""What data sets of videos and of frames share: bad samples and bad lists are dealt with."""

import logging
import os
from collections.abc import Iterator
from typing import Any

import numpy as np
import torch
from mmengine.fileio import exists, list_from_file
from mmengine.logging import print_log

__all__ = ['RobustMixin', 'parse_integer']


class RobustMixin:
    """Base for a data set of MMAction2, before which it stands among the bases of a class.

    In training, a bad sample is logged once and another one, drawn with ``np.random``, takes its
    place; with ``test_mode=True`` it raises one sentence that names it. The list is checked when it
    is loaded.

    A subclass names its media and their key in ``data_prefix`` and in a sample, and defines
    ``_parse_line`` and ``_find_error``.
    """

    _media = _prefix_key = _path_key = _line_format = ''

    def load_data_list(self) -> list[dict]:
        """Read and check the list.

        Raises:
            FileNotFoundError: the list, or the directory of the media, is missing.
            ValueError: a line is wrong, or there is none.
        """
        self._check_paths()
        data_list = []
        for number, line in enumerate(list_from_file(self.ann_file), start=1):
            line = line.strip()
            if line:
                place = f'{self.ann_file}, line {number}'
                data_list.append(self._parse_line(place, line))
        if not data_list:
            raise ValueError(
                f'{self.ann_file}: expected at least one {self._media}, got an empty list'
            )
        # Shared by the workers of a loader, so that each bad sample is logged once by all of them.
        self._logged = torch.zeros(len(data_list), dtype=torch.bool).share_memory_()
        return data_list

    def __getitem__(self, idx: int) -> Any:
        """Return sample ``idx``, or in training another one if it is bad."""
        if self.test_mode:
            return super().__getitem__(idx)
        for candidate in self._candidates(idx):
            data = self.prepare_data(candidate)
            if data is not None:
                return data
        tried = self.max_refetch + 1
        first = self.get_data_info(idx)[self._path_key]
        raise ValueError(
            f'{self.ann_file}: expected a usable {self._media} among up to {tried} tried, '
            f'got none; the first was {first}'
        )

    def get_cat_ids(self, idx: int) -> list[int]:
        """Return the labels of sample ``idx``, by which ClassBalancedDataset repeats it."""
        label = self.get_data_info(idx)['label']
        return [label] if isinstance(label, int) else list(label)

    def prepare_data(self, idx: int) -> Any:
        """Run the pipeline on sample ``idx``; None, after a log message, if the sample is bad.

        Raises:
            FileNotFoundError, ValueError: in a test, what is wrong with the sample.
        """
        try:
            return self.pipeline(self.get_data_info(idx))
        except Exception as error:
            problem = self._find_error(self.get_data_info(idx), error)
            if problem is None:
                raise
        if self.test_mode:
            raise problem
        return self._log_once(idx, problem)

    def _find_error(self, info: dict, error: Exception) -> Exception | None:
        """Return what is wrong with the sample; None where the error does not lie in it."""
        raise NotImplementedError

    def _parse_line(self, place: str, line: str) -> dict:
        """Return the sample of a line; ``place`` says where it stands."""
        raise NotImplementedError

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
                f'{self.ann_file}: expected an annotation file of lines "{self._line_format}", '
                'got no such file'
            )
        folder = self.data_prefix.get(self._prefix_key)
        if folder and '://' not in folder and not os.path.isdir(folder):
            raise FileNotFoundError(
                f'{folder}: expected a directory of {self._media}s, got no such one'
            )

    def _with_prefix(self, path: str) -> str:
        folder = self.data_prefix.get(self._prefix_key) or ''
        return os.path.join(folder, path)

    def _parse_labels(self, place: str, texts: list[str]) -> int | list[int]:
        labels = [self._parse_label(place, text) for text in texts]
        if self.multi_class:
            return labels
        return labels[0] if labels else -1  # MMAction2's label of a video without one

    def _parse_label(self, place: str, text: str) -> int:
        label = parse_integer(place, 'label', text)
        if self.num_classes is not None and not 0 <= label < self.num_classes:
            expected = f'a label of 0 to {self.num_classes - 1} (num_classes={self.num_classes})'
            raise ValueError(f'{place}: expected {expected}, got {label}')
        return label


def parse_integer(place: str, name: str, text: str) -> int:
    """Return the integer that a field of a list holds.

    Raises:
        ValueError: it holds something else.
    """
    try:
        return int(text)
    except ValueError:
        raise ValueError(f'{place}: expected an integer {name}, got {text!r}') from None
