"""On a GPU each operator gives what it gives on a CPU, forward and backward.

In float64 the two differ by rounding only, whatever engine is behind the operator. A machine
without a GPU skips this file: its CPU is tested by all the others.
"""

import pytest
import torch

from mmmotion import ops

pytestmark = pytest.mark.skipif(not torch.cuda.is_available(), reason='no GPU')

WINDOW = dict(max_displacement=(2, 3))
CASES = {
    'persistence': (ops.persistence_of_appearance, (2, 4, 3, 12, 10)),
    'attention': (
        lambda x: ops.attend_persistence(ops.persistence_of_appearance(x), x[:, :-1]),
        (2, 4, 3, 12, 10),
    ),
    'timescale_pool': (ops.timescale_pool, (2, 8, 6)),
    'residual': (ops.residual_frames, (2, 5, 3, 12, 10)),
    'signed_residual': (lambda x: ops.residual_frames(x, signed=True), (2, 5, 3, 12, 10)),
    'temporal_shift': (lambda x: ops.temporal_shift(x, num_segments=5), (10, 8, 6, 6)),
    'off_printed': (ops.off, (2, 3, 4, 12, 10)),
    'off_sobel': (lambda x: ops.off(x, kernel='sobel'), (2, 3, 4, 12, 10)),
    'flow_paper': (lambda x: ops.representation_flow(x[0], x[1], num_iters=6), (2, 3, 4, 12, 10)),
    'flow_tvl1': (
        lambda x: ops.representation_flow(x[0], x[1], num_iters=6, mode='tvl1'),
        (2, 3, 4, 12, 10),
    ),
    'cost_volume': (lambda x: ops.cost_volume(x[0], x[1], **WINDOW), (2, 3, 4, 12, 10)),
    'displacement': (lambda x: ops.displacement_map(x[0], x[1], **WINDOW), (2, 3, 4, 12, 10)),
    'warped_difference': (
        lambda x: ops.warped_difference(x[0], x[1], ops.displacement_map(x[0], x[1], **WINDOW)),
        (2, 3, 4, 12, 10),
    ),
}


def run(function, x):
    """Return the outputs and the gradient of their weighted sum by ``x``."""
    x = x.detach().requires_grad_()
    outs = function(x)
    outs = outs if isinstance(outs, tuple) else (outs,)
    total = sum((out * torch.arange(1, out.shape[-1] + 1, device=x.device)).sum() for out in outs)
    (grad,) = torch.autograd.grad(total, x)
    return [*outs, grad]


@pytest.mark.parametrize('name', CASES)
class TestOnGpu:
    def test_reference(self, name):
        function, shape = CASES[name]
        x = torch.randn(shape, dtype=torch.float64, generator=torch.Generator().manual_seed(0))
        for ours, reference in zip(run(function, x.cuda()), run(function, x), strict=True):
            torch.testing.assert_close(ours.cpu(), reference, rtol=1e-9, atol=1e-9)

    @pytest.mark.parametrize('dtype', [torch.float32, torch.bfloat16])
    def test_constant_is_finite(self, name, dtype):
        function, shape = CASES[name]
        for value in (0, 255):
            x = torch.full(shape, value, dtype=dtype, device='cuda')
            for result in run(function, x):
                assert result.isfinite().all()
