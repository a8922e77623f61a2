"""A data set of frames in folders that survives bad ones in training and names them in a test."""

from typing import Any

from mmaction.datasets import RawframeDataset

from mmmotion.checks import check_choice
from mmmotion.datasets.media.frames import find_frames_error
from mmmotion.datasets.robust import RobustMixin, parse_integer
from mmmotion.registry import DATASETS

__all__ = ['RobustRawframeDataset']


@DATASETS.register_module()
class RobustRawframeDataset(RobustMixin, RawframeDataset):
    """MMAction2's RawframeDataset, with bad frames and bad lists dealt with.

    In training, a folder that is missing or too short, lacks a frame that the list promises or
    holds one that cannot be decoded, is logged once and another one, drawn with ``np.random``,
    takes its place. With ``test_mode=True`` it raises one sentence that names it. The list, of
    lines ``folder total_frames label``, is checked when it is loaded: a missing file or directory,
    a wrong number of fields, one that is no integer, a label outside ``num_classes``.

    Args are those of ``mmaction.datasets.RawframeDataset``; ``modality`` is ``RGB`` or ``Flow``,
    whose ``filename_tmpl`` has a place for x or y, ``flow_{}_{:05}.jpg``.
    ``num_classes``, if given, bounds the labels: 0 <= label < num_classes. ``max_refetch`` bounds
    the folders tried in place of a bad one. Empty lines are skipped.

    Raises:
        ValueError: there is no such modality.
    """

    _media, _prefix_key, _path_key = 'folder', 'img', 'frame_dir'

    def __init__(self, *args: Any, modality: str = 'RGB', **kwargs: Any) -> None:
        check_choice('modality', modality, ('RGB', 'Flow'))
        super().__init__(*args, modality=modality, **kwargs)

    @property
    def _line_format(self) -> str:
        return f'folder {" ".join(self._fields)} label'

    @property
    def _fields(self) -> tuple[str, ...]:
        return ('offset', 'total_frames') if self.with_offset else ('total_frames',)

    def _find_error(self, info: dict, error: Exception) -> Exception | None:
        return find_frames_error(
            info['frame_dir'],
            info['total_frames'],
            error,
            filename_tmpl=self.filename_tmpl,
            start_index=self.start_index + info.get('offset', 0),
            flow=self.modality == 'Flow',
        )

    def _parse_line(self, place: str, line: str) -> dict:
        words = line.split()
        count = 1 + len(self._fields)
        labels = words[count:]
        least = 0 if self.test_mode else 1
        most = len(labels) if self.multi_class else 1
        if len(words) < count or not least <= len(labels) <= most:
            raise ValueError(f'{place}: expected "{self._line_format}", got {line!r}')
        folder, *numbers = words[:count]
        sample = dict(frame_dir=self._with_prefix(folder))
        for name, text in zip(self._fields, numbers, strict=True):
            number = parse_integer(place, name, text)
            least = 1 if name == 'total_frames' else 0
            if number < least:
                raise ValueError(f'{place}: expected {name} of at least {least}, got {number}')
            sample[name] = number
        sample['label'] = self._parse_labels(place, labels)
        return sample
