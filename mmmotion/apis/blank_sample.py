"""A blank video as a config's model gets it: the shapes that its own pipeline gives."""

from pathlib import Path
from tempfile import TemporaryDirectory

import cv2
import numpy as np
from mmengine.config import Config
from mmengine.dataset import Compose, pseudo_collate
from mmengine.registry import init_default_scope

from mmmotion.datasets.media import write_video
from mmmotion.datasets.motion_shapes import MotionShapesSpec

__all__ = ['blank_sample']

NUM_FRAMES = 128  # no clip of ours is longer, and MMAction2's samplers repeat a short video
CAMERA_SIZE = (256, 340)  # height and width, those of Kinetics as it is usually stored


def blank_sample(
    cfg: Config,
    *,
    split: str = 'test',
    batch_size: int = 1,
    num_clips: int | None = None,
    size: int | None = None,
) -> dict:
    """Run the pipeline of ``cfg`` on a black video, so that nothing about it need be guessed.

    The video is written as a file and as a folder of frames, and the whole pipeline reads it:
    whichever transforms a config has, the shapes are those of a real video.

    Args:
        cfg: a config with a data loader of ``split``.
        split: ``train``, ``val`` or ``test``, whose loader has the pipeline.
        batch_size: how many such samples.
        num_clips: keep the first so many along the first axis, of the views of a 3D network, or
            of the segments of all views of a 2D network.
        size: height and width instead of those that the pipeline gives, for quick tests.

    Returns:
        A batch as the loader gives it, ``inputs`` and ``data_samples``, lists of ``batch_size``.
        The model's ``data_preprocessor``, part of ``test_step``, comes after it.

    Raises:
        ValueError: the config has no loader of ``split``.

    Example:
        >>> model.test_step(blank_sample(cfg, num_clips=1, size=32))  # doctest: +SKIP
    """
    init_default_scope(cfg.get('default_scope') or 'mmaction')
    dataset = find_dataset(cfg, split)
    pipeline = Compose(dataset['pipeline'])
    with TemporaryDirectory() as folder:
        video = _write_video(Path(folder), dataset)
        sample = pipeline(video)
    inputs = sample['inputs'][:num_clips]
    if size is not None:
        inputs = inputs.new_zeros(*inputs.shape[:-2], size, size)
    return pseudo_collate([dict(sample, inputs=inputs)] * batch_size)


def find_dataset(cfg: Config, split: str) -> dict:
    """Return the data set that the loader of ``split`` reads, without what repeats or joins it.

    Raises:
        ValueError: the config has no such loader.
    """
    loader = cfg.get(f'{split}_dataloader')
    if not loader:
        raise ValueError(f'{split}_dataloader: expected one in the config, got none')
    dataset = loader['dataset']
    while 'pipeline' not in dataset:
        repeated = dataset.get('dataset')  # of a RepeatDataset and its like
        dataset = repeated or dataset['datasets'][0]  # or of a ConcatDataset
    return dataset


def _write_video(folder: Path, dataset: dict) -> dict:
    """Write a black video and its frames; return the sample that any data set would make of it."""
    height, width = CAMERA_SIZE
    if 'MotionShapes' in str(dataset['type']):
        height = width = MotionShapesSpec(**dataset.get('spec', {})).image_size
    frame = np.zeros((height, width, 3), np.uint8)
    video = folder / 'blank.mp4'
    write_video(video, np.stack([frame] * NUM_FRAMES), fps=25)
    sample = dict(
        filename=str(video),
        frame_dir=str(folder),
        filename_tmpl=dataset.get('filename_tmpl', 'img_{:05}.jpg'),
        total_frames=NUM_FRAMES,
        start_index=dataset.get('start_index', 0),
        modality=dataset.get('modality', 'RGB'),
        label=0,
    )
    template = sample['filename_tmpl']
    templates = [template]
    if sample['modality'] == 'Flow':  # x and y are files of their own
        templates = [template.replace('{}', axis, 1) for axis in ('x', 'y')]
    for number in range(NUM_FRAMES + 1):  # lists count from 0 or from 1
        for name in templates:
            cv2.imwrite(str(folder / name.format(number)), frame)
    return sample
