"""For whichever test file is run: the cures come first, and ``reference`` can be imported."""

import sys
from pathlib import Path

import pytest

import mmmotion  # noqa: F401

# Some installed packages carry a top-level `tests`, so the reference versions, which the benchmarks
# use too, are imported from beside this file.
sys.path.insert(0, str(Path(__file__).parent))


@pytest.fixture(scope='session')
def weight_cache(tmp_path_factory):
    """Stand-ins for published weights, in a folder for ``TORCH_HOME`` and the working directory."""
    from weight_cache import WeightCache

    return WeightCache(tmp_path_factory.mktemp('weights'))


@pytest.fixture(scope='module')
def in_weight_cache(weight_cache):
    """Load weights from the stand-ins; a download is an error."""
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(weight_cache.root)
        patch.setenv('TORCH_HOME', str(weight_cache.root))
        patch.setattr('urllib.request.urlopen', _refuse_download)
        yield weight_cache


@pytest.fixture(scope='session')
def tiny_spec():
    from mmmotion.datasets.motion_shapes import MotionShapesSpec

    return MotionShapesSpec(image_size=32, num_frames=12, num_train=16, num_val=8, num_test=8)


@pytest.fixture(scope='session')
def tiny_root(tmp_path_factory, tiny_spec):
    """The folder of a MotionShapes of 32 short clips."""
    from mmmotion.datasets.motion_shapes import make_motion_shapes

    root = tmp_path_factory.mktemp('motion') / 'shapes'
    return make_motion_shapes(root, tiny_spec, workers=2)


def _refuse_download(url, *args, **kwargs):
    raise OSError(f'a test asked the network for {url}')
