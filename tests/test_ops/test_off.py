import numpy as np
import pytest
import torch
from reference import off as reference
from torch.autograd import gradcheck, gradgradcheck
from torch.utils._python_dispatch import TorchDispatchMode

from mmmotion.ops import Off, off


def draw(*shape, seed=0, dtype=torch.float32):
    return torch.randn(*shape, dtype=dtype, generator=torch.Generator().manual_seed(seed))


@pytest.fixture(params=['printed', 'sobel', 'released'])
def kernel(request):
    return request.param


class TestOff:
    @pytest.mark.parametrize('shape', [(2, 3, 4, 5, 7), (1, 2, 1, 1, 1), (3, 4, 2, 1, 6)])
    def test_reference(self, kernel, shape):
        x = draw(*shape, dtype=torch.float64)
        outs, expected = off(x, kernel=kernel), reference.off(x, kernel)
        assert len(outs) == len(expected)
        for out, true in zip(outs, expected, strict=True):
            assert out.shape == true.shape
            assert torch.allclose(out, true, atol=1e-12)

    def test_convention(self):
        """A ramp that moves by half a column to the right: v_x = 0.5, later minus earlier."""
        columns = torch.arange(8.0).expand(1, 3, 2, 5, 8)
        x = columns - 0.5 * torch.arange(3.0)[:, None, None, None]
        fx, fy, ft = (part[..., 1:-1, 1:-1] for part in off(x))
        assert (fx == 6).all()
        assert (fy == 0).all()
        assert (ft == -0.5).all()
        assert (fx[:, :2] / 6 * 0.5 + ft == 0).all()  # equation 4, per pixel

    def test_orthogonal_to_flow(self):
        """A smooth pattern moved by (0.3, -0.2) obeys equation 4 but for the second order."""
        y, x = torch.meshgrid(torch.arange(20.0), torch.arange(24.0), indexing='ij')
        frames = [torch.sin((x - 0.3 * t) / 3) * torch.cos((y + 0.2 * t) / 4) for t in range(2)]
        fx, fy, ft = (part[0, 0, 0, 2:-2, 2:-2] for part in off(torch.stack(frames)[None, :, None]))
        rest = fx / 6 * 0.3 + (-fy / 6) * -0.2 + ft
        assert rest.abs().max() < 0.1 * ft.abs().max()

    def test_gradcheck(self, kernel):
        x = draw(2, 3, 2, 3, 4, dtype=torch.float64).requires_grad_()
        assert gradcheck(lambda x: off(x, kernel=kernel), x)
        assert gradgradcheck(lambda x: off(x, kernel=kernel), x, fast_mode=True)

    @pytest.mark.parametrize('part', [0, 1, 2])
    def test_gradient_of_one_part(self, part):
        x = draw(2, 3, 4, 5, 6, dtype=torch.float64).requires_grad_()
        outs = off(x)[part], reference.off(x)[part]
        grad = draw(*outs[0].shape, seed=1, dtype=torch.float64)
        ours, true = (torch.autograd.grad(out, x, grad)[0] for out in outs)
        assert torch.allclose(ours, true)

    def test_memory_format(self, kernel):
        x = draw(6, 4, 5, 7).to(memory_format=torch.channels_last).unflatten(0, (2, 3))
        expected = reference.off(x.contiguous(), kernel)
        for out, true in zip(off(x, kernel=kernel), expected, strict=True):
            assert torch.allclose(out, true, atol=1e-5)

    def test_no_copy_of_the_input(self, kernel):
        """Nothing of its size is made but the results and, for small maps, two buffers."""
        x = draw(2, 3, 4, 8, 8)
        with Copies() as copies:
            outs = off(x, kernel=kernel)
        assert copies.made == []
        before = x.clone()
        assert all(out.data_ptr() != x.data_ptr() for out in outs)
        assert torch.equal(x, before)

    @pytest.mark.parametrize('value', [0.0, 1.0])
    @pytest.mark.parametrize('dtype', [torch.float32, torch.bfloat16, torch.float16])
    def test_static(self, kernel, value, dtype):
        x = torch.full((1, 3, 2, 5, 6), value, dtype=dtype, requires_grad=True)
        outs = off(x, kernel=kernel)
        sum(out.square().sum() for out in outs).backward()
        assert (outs[-1] == 0).all()
        assert all((out[..., 1:-1, 1:-1] == 0).all() for out in outs[:-1])
        assert x.grad.isfinite().all()

    @pytest.mark.parametrize('dtype', [torch.bfloat16, torch.float16])
    def test_dtype(self, kernel, dtype):
        x = draw(1, 3, 2, 6, 7)
        for out, true in zip(off(x.to(dtype), kernel=kernel), off(x, kernel=kernel), strict=True):
            assert out.dtype == dtype
            assert torch.allclose(out.float(), true, atol=0.1)

    @pytest.mark.parametrize(
        ('x', 'kernel', 'error', 'match'),
        [
            (np.zeros((1, 2, 3, 4, 4)), 'sobel', TypeError, 'x: expected a tensor, got ndarray'),
            (torch.zeros(1, 2, 3, 4, 4).int(), 'sobel', TypeError, 'x: expected .*torch.int32'),
            (draw(2, 3, 4, 4), 'sobel', ValueError, r'x: .*\(N, T, C, H, W\), got \(2, 3, 4'),
            (draw(1, 1, 3, 4, 4), 'sobel', ValueError, r'x: expected T >= 2 frames, got .*1, 1,'),
            (
                draw(1, 2, 3, 4, 4),
                'prewitt',
                ValueError,
                "kernel: expected one of .* got 'prewitt'",
            ),
        ],
    )
    def test_exception(self, x, kernel, error, match):
        with pytest.raises(error, match=match):
            off(x, kernel=kernel)

    def test_compile(self):
        torch._dynamo.reset()
        x = draw(2, 3, 4, 5, 6)
        for out, true in zip(torch.compile(off, backend='eager')(x), off(x), strict=True):
            assert torch.allclose(out, true, atol=1e-5)

    def test_export(self):
        """Other runtimes know no operator of ours: they get slices."""
        program = torch.export.export(Off(), (draw(2, 3, 4, 5, 6),))
        x = draw(2, 3, 4, 5, 6, seed=1)
        assert torch.allclose(program.module()(x), Off()(x), atol=1e-5)

    def test_module(self, kernel):
        module, x = Off(kernel=kernel), draw(2, 4, 3, 5, 6)
        *spatial, temporal = off(x, kernel=kernel)
        expected = torch.cat([*(g[:, :3] for g in spatial), temporal], dim=2)
        assert torch.equal(module(x), expected)
        assert str(module) == f'Off(kernel={kernel})'


class Copies(TorchDispatchMode):
    """Note the operators that copy a tensor, or pad it."""

    def __init__(self):
        super().__init__()
        self.made = []

    def __torch_dispatch__(self, func, types, args=(), kwargs=None):
        name = func.name()
        if any(word in name for word in ('clone', 'copy', 'pad', 'cat')):
            self.made.append(name)
        return func(*args, **(kwargs or {}))
