import pytest

from mmmotion.datasets.motion_shapes import MotionShapesSpec, make_motion_shapes

TINY = dict(image_size=32, num_frames=12, num_train=16, num_val=8, num_test=8)


@pytest.fixture(scope='session')
def tiny_spec():
    return MotionShapesSpec(**TINY)


@pytest.fixture(scope='session')
def tiny_root(tmp_path_factory, tiny_spec):
    root = tmp_path_factory.mktemp('motion') / 'shapes'
    return make_motion_shapes(root, tiny_spec, workers=2)
