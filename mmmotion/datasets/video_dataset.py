"""A video data set that survives bad files in training and names them in a test."""

from mmaction.datasets import VideoDataset

from mmmotion.datasets.media.video import find_video_error
from mmmotion.datasets.robust import RobustMixin
from mmmotion.registry import DATASETS

__all__ = ['RobustVideoDataset']


@DATASETS.register_module()
class RobustVideoDataset(RobustMixin, VideoDataset):
    """MMAction2's VideoDataset, with bad files and bad lists dealt with.

    In training, a video that is missing, empty, truncated, undecodable or too short is logged once
    and another one, drawn with ``np.random``, takes its place. With ``test_mode=True`` it raises
    one sentence that names it. The list is checked when it is loaded: a missing file or directory,
    a line without an integer label, a label outside ``num_classes``.

    Args are those of ``mmaction.datasets.VideoDataset``. ``num_classes``, if given, bounds the
    labels: 0 <= label < num_classes. ``max_refetch`` bounds the videos tried in place of a bad one.
    Other than upstream, a path may contain the delimiter, and empty lines are skipped.
    """

    _media, _prefix_key, _path_key = 'video', 'video', 'filename'
    _line_format = 'path label'

    def _find_error(self, info: dict, error: Exception) -> Exception | None:
        return find_video_error(info['filename'], error)

    def _parse_line(self, place: str, line: str) -> dict:
        path, labels = self._split_line(line)
        label = self._parse_labels(place, labels)
        if not labels and not self.test_mode:
            raise ValueError(f'{place}: expected "{self._line_format}", got {line!r}')
        return dict(filename=self._with_prefix(path), label=label)

    def _split_line(self, line: str) -> tuple[str, list[str]]:
        if self.multi_class:
            path, *labels = line.split(self.delimiter)
            return path, labels
        path, delimiter, label = line.rpartition(self.delimiter)
        if not delimiter:
            return line, []
        return path, [label]
