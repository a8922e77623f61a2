"""What is trained on MotionShapes sees any other video at the size of its training."""

from pathlib import Path

import numpy as np
import pytest
import torch
from layouts import write_video
from mmaction.registry import TRANSFORMS
from mmengine.config import Config
from mmengine.dataset import Compose
from mmengine.registry import init_default_scope

from mmmotion.datasets.motion_shapes import MotionShapesSpec

LEAVES = sorted((Path(__file__).parents[2] / 'configs').glob('[!_]*/*_motionshapes*.py'))
FIT = ('Resize', 'CenterCrop')


def read_size(cfg):
    spec = cfg.test_dataloader.dataset.get('spec') or {}
    return MotionShapesSpec(**spec).image_size


@pytest.fixture(scope='module')
def videos(tmp_path_factory):
    """Return a function that gives a video of moving noise of a width and a height."""
    folder = tmp_path_factory.mktemp('sizes')

    def write(width, height):
        path = folder / f'{width}x{height}.avi'
        if not path.exists():
            frame = np.random.default_rng(0).integers(0, 256, (height, width, 3)).astype(np.uint8)
            write_video(path, [np.roll(frame, shift, axis=1) for shift in range(17)])
        return str(path)

    return write


def run(pipeline, video):
    steps = Compose([TRANSFORMS.build(step) for step in pipeline])
    return steps(dict(filename=video, label=0, start_index=0, modality='RGB'))['inputs']


@pytest.mark.parametrize('path', LEAVES, ids=lambda path: path.stem)
def test_any_video_is_brought_to_the_size_of_training(path, videos):
    init_default_scope('mmaction')
    cfg = Config.fromfile(path)
    for loader in (cfg.val_dataloader, cfg.test_dataloader):
        assert loader.dataset.pipeline == cfg.test_pipeline
    size = read_size(cfg)
    before = [step for step in cfg.test_pipeline if step['type'] not in FIT]
    expected = run(before, videos(size, size))
    assert torch.equal(run(cfg.test_pipeline, videos(size, size)), expected)  # to the last bit
    for other in ((96, 64), (40, 90)):
        assert run(cfg.test_pipeline, videos(*other)).shape == expected.shape
