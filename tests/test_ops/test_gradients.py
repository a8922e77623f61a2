import numpy as np
import pytest
import torch
from reference import off as reference
from torch.autograd import gradcheck, gradgradcheck

from mmmotion.ops import gradients, spatial_gradients

KERNELS = ['printed', 'sobel', 'released']


def draw(*shape, seed=0, dtype=torch.float32):
    return torch.randn(*shape, dtype=dtype, generator=torch.Generator().manual_seed(seed))


@pytest.fixture(params=KERNELS)
def kernel(request):
    return request.param


class TestSpatialGradients:
    @pytest.mark.parametrize('size', [(1, 1), (1, 4), (5, 1), (2, 2), (2, 3), (3, 2), (7, 11)])
    def test_reference(self, kernel, size):
        x = draw(2, 3, *size, dtype=torch.float64)
        outs = spatial_gradients(x, kernel=kernel)
        expected = reference.spatial_gradients(x, kernel)
        assert len(outs) == len(expected)
        for out, true in zip(outs, expected, strict=True):
            assert out.shape == x.shape
            assert torch.allclose(out, true, atol=1e-12)

    @pytest.mark.parametrize('shape', [(4, 6), (3, 4, 6), (2, 5, 3, 4, 6), (0, 3, 4, 6)])
    def test_shape(self, kernel, shape):
        assert all(out.shape == shape for out in spatial_gradients(draw(*shape), kernel=kernel))

    def test_convention(self):
        """Columns rise by 2 a pixel, rows by 1 downwards."""
        x = (2 * torch.arange(6.0) + torch.arange(5.0)[:, None])[None, None]
        inside = {
            kernel: [out[0, 0, 2, 3].item() for out in spatial_gradients(x, kernel=kernel)]
            for kernel in KERNELS
        }
        assert inside == dict(printed=[12, -6], sobel=[16, 8], released=[2])

    @pytest.mark.parametrize('threads', [1, 2])
    def test_blocks(self, kernel, threads, monkeypatch):
        """Maps are taken in blocks, the last of which may be smaller; none sees another."""
        for name in ('ONE_THREAD_BYTES', 'BLOCK_BYTES'):
            monkeypatch.setattr(gradients, name, 3 * 4 * 5 * 8)
        x = draw(7, 4, 5, dtype=torch.float64)
        x[3] = float('nan')
        before = torch.get_num_threads()
        torch.set_num_threads(threads)
        outs = spatial_gradients(x, kernel=kernel)
        torch.set_num_threads(before)
        expected = reference.spatial_gradients(x[:, None], kernel)
        for out, true in zip(outs, expected, strict=True):
            assert torch.allclose(out, true[:, 0], equal_nan=True)

    def test_memory_format(self, kernel):
        x = draw(2, 3, 4, 5).to(memory_format=torch.channels_last)
        expected = reference.spatial_gradients(x.contiguous(), kernel)
        for out, true in zip(spatial_gradients(x, kernel=kernel), expected, strict=True):
            assert out.is_contiguous(memory_format=torch.channels_last)
            assert torch.allclose(out, true, atol=1e-6)
        strided = draw(2, 3, 5, 4).transpose(2, 3)
        expected = reference.spatial_gradients(strided, kernel)
        for out, true in zip(spatial_gradients(strided, kernel=kernel), expected, strict=True):
            assert torch.allclose(out, true, atol=1e-6)

    def test_gradients_in_another_order(self, kernel):
        """What comes back may lie otherwise in memory than what went out."""
        x = draw(2, 3, 4, 5, dtype=torch.float64).requires_grad_()
        grads = [draw(2, 3, 4, 5, seed=i, dtype=torch.float64) for i in range(2)]
        grads = [grads[0], grads[1].to(memory_format=torch.channels_last)]
        outs = [spatial_gradients(x, kernel=kernel), reference.spatial_gradients(x, kernel)]
        ours, true = (torch.autograd.grad(out, x, grads[: len(out)])[0] for out in outs)
        assert torch.allclose(ours, true)

    def test_input_is_left_alone(self, kernel):
        x = draw(2, 3, 4, 5)
        before = x.clone()
        spatial_gradients(x, kernel=kernel)
        assert torch.equal(x, before)

    @pytest.mark.parametrize('size', [(3, 4), (1, 3), (2, 2)])
    @pytest.mark.parametrize('channels_last', [False, True])
    def test_gradcheck(self, kernel, size, channels_last):
        x = draw(2, 3, *size, dtype=torch.float64)
        x = x.to(memory_format=torch.channels_last) if channels_last else x
        x.requires_grad_()
        assert gradcheck(lambda x: spatial_gradients(x, kernel=kernel), x)
        assert gradgradcheck(lambda x: spatial_gradients(x, kernel=kernel), x, fast_mode=True)

    @pytest.mark.parametrize('dtype', [torch.bfloat16, torch.float16])
    def test_dtype(self, kernel, dtype):
        x = draw(2, 3, 6, 7)
        exact = spatial_gradients(x, kernel=kernel)
        for out, true in zip(spatial_gradients(x.to(dtype), kernel=kernel), exact, strict=True):
            assert out.dtype == dtype
            assert torch.allclose(out.float(), true, atol=0.1)

    @pytest.mark.parametrize(
        ('x', 'kernel', 'error', 'match'),
        [
            (np.zeros((4, 4)), 'sobel', TypeError, 'x: expected a tensor, got ndarray'),
            (
                torch.zeros(4, 4).int(),
                'sobel',
                TypeError,
                'x: expected .*floating.*got torch.int32',
            ),
            (torch.zeros(4), 'sobel', ValueError, r'x: .*\(\.\.\., H, W\), got \(4,\)'),
            (torch.zeros(4, 4), 'scharr', ValueError, "kernel: expected .*released, got 'scharr'"),
        ],
    )
    def test_exception(self, x, kernel, error, match):
        with pytest.raises(error, match=match):
            spatial_gradients(x, kernel=kernel)

    def test_compile(self, kernel):
        torch._dynamo.reset()
        compiled = torch.compile(
            lambda x: spatial_gradients(x, kernel=kernel), backend='eager', fullgraph=True
        )
        x = draw(2, 3, 5, 6)
        for out, true in zip(compiled(x), spatial_gradients(x, kernel=kernel), strict=True):
            assert torch.allclose(out, true, atol=1e-5)
