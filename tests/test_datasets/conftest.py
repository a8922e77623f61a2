import logging
import multiprocessing

import pytest

from mmmotion.datasets import robust
from mmmotion.datasets.motion_shapes import MotionShapesSpec, make_motion_shapes

TINY = dict(image_size=32, num_frames=12, num_train=16, num_val=8, num_test=8)


@pytest.fixture(scope='session')
def tiny_spec():
    return MotionShapesSpec(**TINY)


@pytest.fixture(scope='session')
def tiny_root(tmp_path_factory, tiny_spec):
    root = tmp_path_factory.mktemp('motion') / 'shapes'
    return make_motion_shapes(root, tiny_spec, workers=2)


@pytest.fixture
def logged(monkeypatch):
    """Return the list that gets every message logged, by worker processes as well."""
    messages = multiprocessing.Manager().list()

    def log(message, logger, level):
        assert (logger, level) == ('current', logging.WARNING)
        messages.append(message)

    monkeypatch.setattr(robust, 'print_log', log)
    return messages
