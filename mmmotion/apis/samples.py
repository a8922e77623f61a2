"""One video as the test pipeline of a config gives it, be it a file or a folder of frames."""

import os
from pathlib import Path

from mmengine.config import Config
from mmengine.dataset import Compose

from mmmotion.apis.blank_sample import find_dataset
from mmmotion.datasets.media import check_video

__all__ = ['find_test_pipeline', 'read_sample']

TEMPLATE = 'img_{:05}.jpg'  # MMAction2's default


def find_test_pipeline(cfg: Config) -> list[dict]:
    """Return the pipeline that ``tools/test.py`` runs; ``cfg.test_pipeline`` can be another one.

    Raises:
        ValueError: there is none.
    """
    pipeline = _find_test_dataset(cfg).get('pipeline') or cfg.get('test_pipeline')
    if not pipeline:
        raise ValueError(
            'config: expected a pipeline in test_dataloader.dataset or test_pipeline, got none'
        )
    return [dict(step) for step in pipeline]


def read_sample(cfg: Config, video: str | os.PathLike) -> dict:
    """Run the test pipeline of ``cfg`` on a video file or a folder of frames.

    Returns:
        What the pipeline packs; its data sample also holds ``frame_inds`` and ``avg_fps``.

    Raises:
        FileNotFoundError, ValueError: there is no such video, or it cannot be decoded.
    """
    dataset = _find_test_dataset(cfg)
    pipeline = find_test_pipeline(cfg)
    if Path(video).is_dir():
        sample = _describe_folder(Path(video), dataset)
        pipeline = _read_frames(pipeline)
    else:
        check_video(video)
        if dataset.get('modality') == 'Flow':
            raise ValueError(
                f'{video}: expected a folder of flow images, which the config is for, got a file'
            )
        sample = dict(filename=str(video), start_index=0, modality='RGB')
        pipeline = _read_video(pipeline)
    return _run(pipeline, dict(sample, label=-1))


def _find_test_dataset(cfg: Config) -> dict:
    return find_dataset(cfg, 'test') if cfg.get('test_dataloader') else {}


def _run(pipeline: list[dict], sample: dict) -> dict:
    """Run a pipeline and keep what it drops when it packs: which frames it took, and their rate."""
    timing = {}
    for transform in Compose(pipeline).transforms:
        for key in ('frame_inds', 'avg_fps'):
            if key in sample:
                timing[key] = sample[key]
        sample = transform(sample)
    sample['data_samples'].set_metainfo(timing)
    return sample


def _describe_folder(folder: Path, dataset: dict) -> dict:
    """Return the sample of all frames in a folder, counted from the first."""
    template = dataset.get('filename_tmpl', TEMPLATE)
    modality = dataset.get('modality', 'RGB')
    first = dataset.get('start_index', 1)
    name = template.replace('{}', 'x', 1) if modality == 'Flow' else template
    names = set(os.listdir(folder))
    count = 0
    while name.format(first + count) in names:
        count += 1
    if not count:
        raise ValueError(
            f'{folder}: expected frames from {name.format(first)} on, got none of that name '
            '(test_dataloader.dataset.filename_tmpl and start_index say how they are named)'
        )
    return dict(
        frame_dir=str(folder),
        total_frames=count,
        filename_tmpl=template,
        start_index=first,
        modality=modality,
    )


def _read_frames(pipeline: list[dict]) -> list[dict]:
    """Let a pipeline read a folder, if it reads a video."""
    steps = []
    for step in pipeline:
        if _is(step, 'Init'):
            continue
        if _is(step, 'Decode') and _name(step) != 'RawFrameDecode':
            step = dict(type='RawFrameDecode')
        steps.append(step)
    return steps


def _read_video(pipeline: list[dict]) -> list[dict]:
    """Let a pipeline read a video, if it reads a folder."""
    if any(_is(step, 'Init') for step in pipeline):
        return pipeline
    steps = [dict(type='DecordInit')]
    for step in pipeline:
        steps.append(dict(type='DecordDecode') if _is(step, 'Decode') else step)
    return steps


def _is(step: dict, kind: str) -> bool:
    """Return whether a step is an ``Init`` or ``Decode`` of MMAction2, such as ``DecordInit``."""
    return _name(step).endswith(kind)


def _name(step: dict) -> str:
    kind = step['type']
    return kind if isinstance(kind, str) else kind.__name__
