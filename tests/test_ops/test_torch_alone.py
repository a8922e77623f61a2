"""Every public operator, forward and backward, where nothing but PyTorch and NumPy is installed."""

import os
import re
import subprocess
import sys
from importlib import metadata
from pathlib import Path

import pytest
import torch

from mmmotion import ops

REACH = dict(max_displacement=1)
CLIP, FRAMES, SEGMENTS = (2, 4, 3, 8, 8), (4, 3, 8, 8), (2, 8, 6)
CASES = {
    'CostVolume': (lambda x: ops.CostVolume(1)(x, x.flip(-1)), FRAMES),
    'DisplacementMap': (ops.DisplacementMap(1), CLIP),
    'Off': (ops.Off(), CLIP),
    'PersistenceOfAppearance': (ops.PersistenceOfAppearance(), CLIP),
    'RepresentationFlow': (ops.RepresentationFlow(num_iters=2), CLIP),
    'ResidualFrames': (ops.ResidualFrames(), CLIP),
    'TimescaleAggregation': (ops.TimescaleAggregation(8), SEGMENTS),
    'TimescaleAverage': (ops.TimescaleAverage(8), SEGMENTS),
    'TimescalePool': (ops.TimescalePool(), SEGMENTS),
    'attend_persistence': (lambda x: ops.attend_persistence(x[:, :, 0], x), CLIP),
    'cost_volume': (lambda x: ops.cost_volume(x, x.flip(-1), **REACH), FRAMES),
    'displacement_map': (lambda x: ops.displacement_map(x, x.flip(-1), **REACH), FRAMES),
    'off': (ops.off, CLIP),
    'persistence_of_appearance': (ops.persistence_of_appearance, CLIP),
    'representation_flow': (lambda x: ops.representation_flow(x, x.flip(-1), num_iters=2), FRAMES),
    'residual_frames': (ops.residual_frames, CLIP),
    'scale_features': (ops.scale_features, CLIP),
    'spatial_gradients': (ops.spatial_gradients, FRAMES),
    'temporal_shift': (lambda x: ops.temporal_shift(x, num_segments=2), FRAMES),
    'timescale_pool': (ops.timescale_pool, SEGMENTS),
    'warp': (lambda x: ops.warp(x, x[:, :2]), FRAMES),
    'warped_difference': (lambda x: ops.warped_difference(x, x.flip(-1), x[:, :2]), FRAMES),
}


def test_cases_are_complete():
    without_gradient = {'RELEASED_OFFSET', 'pyramid_timescales'}
    assert {*CASES} == {*ops.__all__} - without_gradient


@pytest.mark.parametrize('name', CASES)
def test_forward_and_backward(name):
    function, shape = CASES[name]
    x = torch.rand(shape, generator=torch.Generator().manual_seed(0)).requires_grad_()
    outs = function(x)
    outs = outs if isinstance(outs, tuple) else (outs,)
    (grad,) = torch.autograd.grad(sum(out.square().sum() for out in outs), x)
    assert grad.isfinite().all()
    assert grad.any()


# pytest, in a Python that finds no module of those named in front
RUN = """
import sys
for name in sys.argv.pop(1).split():
    sys.modules[name] = None
import pytest
sys.exit(pytest.main())
"""


def test_alone():
    present = needed_by('torch', 'numpy', 'pytest') | {'mmmotion'}
    owners = metadata.packages_distributions()
    absent = [name for name in owners if not present & {*map(normalized, owners[name])}]
    if 'mmengine' not in absent:
        pytest.skip('nothing else is installed')
    result = subprocess.run(
        [sys.executable, '-c', RUN, ' '.join(absent), __file__, '-k', 'forward'],
        env={**os.environ, 'PYTEST_DISABLE_PLUGIN_AUTOLOAD': '1'},
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
    )
    assert result.returncode == 0, result.stdout + result.stderr
    assert f'{len(CASES)} passed' in result.stdout


def normalized(name):
    return re.sub('[-_.]+', '-', name).lower()


def needed_by(*names):
    """Return the installed distributions that these need, themselves included."""
    found, left = set(), [*names]
    while left:
        name = normalized(left.pop())
        if name in found:
            continue
        try:
            requirements = metadata.requires(name) or []
        except metadata.PackageNotFoundError:  # of another platform
            continue
        found.add(name)
        required = [line for line in requirements if 'extra ==' not in line]
        left.extend(re.match(r'[\w.-]+', line)[0] for line in required)
    return found
