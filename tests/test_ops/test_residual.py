import numpy as np
import pytest
import torch
from reference import residual as reference
from torch.autograd import gradcheck, gradgradcheck

from mmmotion.ops import ResidualFrames, residual_frames


def draw(*shape, seed=0, dtype=torch.float32):
    return torch.randn(*shape, dtype=dtype, generator=torch.Generator().manual_seed(seed))


def draw_bytes(*shape, dtype=torch.uint8):
    return torch.randint(256, shape, generator=torch.Generator().manual_seed(0)).to(dtype)


@pytest.fixture(params=[False, True], ids=['absolute', 'signed'])
def signed(request):
    return request.param


class TestResidualFrames:
    @pytest.mark.parametrize('shape', [(2, 2, 3, 4, 5), (1, 17, 3, 8, 6), (3, 4, 1, 1, 1)])
    def test_shape(self, signed, shape):
        n, frames, *rest = shape
        assert residual_frames(draw(*shape), signed=signed).shape == (n, frames - 1, *rest)

    def test_reference(self, signed):
        clip = draw(2, 5, 3, 4, 7, dtype=torch.float64)
        expected = reference.residual_frames(clip, signed)
        assert torch.equal(residual_frames(clip, signed=signed), expected)

    def test_convention(self):
        """A square that moves by (2, -1): later minus earlier, and nothing wraps round in time."""
        clip = torch.zeros(1, 3, 2, 6, 8)
        for t in range(3):
            clip[0, t, 1, 4 - t, 1 + 2 * t] = 5
        out = residual_frames(clip, signed=True)
        assert out[0, 0, 1, 3, 3] == 5
        assert out[0, 0, 1, 4, 1] == -5
        assert out[0, 1, 1, 2, 5] == 5
        assert out[0, 1, 1, 3, 3] == -5
        assert out.count_nonzero() == 4
        assert torch.equal(residual_frames(clip), out.abs())

    def test_input_is_left_alone(self, signed):
        for clip in (draw(1, 3, 3, 4, 5), draw_bytes(1, 3, 3, 4, 5)):
            before = clip.clone()
            residual_frames(clip, signed=signed)
            assert torch.equal(clip, before)

    def test_gradcheck(self, signed):
        clip = draw(2, 3, 2, 2, 3, dtype=torch.float64).requires_grad_()
        assert gradcheck(lambda x: residual_frames(x, signed=signed), clip)
        assert gradgradcheck(lambda x: residual_frames(x, signed=signed), clip)

    def test_static_clip(self, signed):
        clip = torch.full((1, 3, 3, 4, 5), 7.0, requires_grad=True)
        out = residual_frames(clip, signed=signed)
        out.square().sum().backward(retain_graph=True)
        assert (out == 0).all()
        assert (clip.grad == 0).all()
        if not signed:
            (100 * out).sum().backward()
            assert (clip.grad == 0).all()

    @pytest.mark.parametrize('dtype', [torch.float64, torch.float16, torch.bfloat16])
    def test_dtype(self, signed, dtype):
        clip = draw(2, 4, 3, 5, 6).to(dtype)
        out = residual_frames(clip, signed=signed)
        assert out.dtype == dtype
        # One subtraction, rounded once.
        assert torch.equal(out, reference.residual_frames(clip, signed).to(dtype))

    @pytest.mark.parametrize('dtype', [torch.float64, torch.float32, torch.float16, torch.bfloat16])
    def test_least_differences(self, signed, dtype):
        """Down to the last bit, and what is not finite stays so."""
        step = torch.finfo(dtype).eps
        frames = [[1, 1 + step, -300, 6e-8, torch.inf], [1 + step, 1, -300, 0, 0]]
        clip = torch.tensor(frames, dtype=dtype).view(1, 2, 1, 1, 5)
        out = residual_frames(clip, signed=signed).flatten()
        least = clip[0, 0, 0, 0, 3].item()
        expected = torch.tensor([step, -step, 0, -least, -torch.inf], dtype=dtype)
        assert torch.equal(out, expected if signed else expected.abs())

    def test_autocast_keeps_the_type(self, signed):
        clip = draw(2, 4, 3, 5, 6).bfloat16()
        expected = residual_frames(clip, signed=signed)
        with torch.autocast('cpu', torch.bfloat16):
            out = residual_frames(clip, signed=signed)
        assert out.dtype == torch.bfloat16
        assert torch.equal(out, expected)

    @pytest.mark.parametrize('dtype', [torch.uint8, torch.int16, torch.int32, torch.int64])
    def test_integers_are_exact(self, signed, dtype):
        clip = draw_bytes(2, 5, 3, 16, 20, dtype=dtype)
        clip[0, :2, 0, 0, 0] = torch.tensor([255, 0])
        clip[0, :2, 0, 0, 1] = torch.tensor([0, 255])
        out = residual_frames(clip, signed=signed)
        assert out.dtype == (torch.int16 if signed and dtype == torch.uint8 else dtype)
        assert torch.equal(out.long(), reference.residual_frames(clip, signed))

    def test_memory_order_is_kept(self, signed):
        """What a 3D network sees as (N, C, T, H, W) needs no copy before or after."""
        for clip in (draw(2, 3, 5, 4, 6), draw_bytes(2, 3, 5, 4, 6)):
            out = residual_frames(clip.transpose(1, 2), signed=signed)
            assert out.transpose(1, 2).is_contiguous()

    @pytest.mark.parametrize(
        ('clip', 'error', 'match'),
        [
            (np.zeros((1, 2, 3, 4, 5)), TypeError, 'clip: .*tensor, got ndarray'),
            (torch.zeros(1, 2, 3, 4, 5, dtype=torch.bool), TypeError, 'clip: .*got torch.bool'),
            (torch.zeros(1, 2, 3, 4, 5, dtype=torch.int8), TypeError, 'clip: .*got torch.int8'),
            (draw(2, 3, 4, 5), ValueError, r'clip: .*\(N, T \+ 1, C, H, W\), got \(2, 3, 4, 5\)'),
            (draw(1, 1, 3, 4, 5), ValueError, r'clip: .*T \+ 1 >= 2 frames, got .*\(1, 1, 3, 4, 5'),
        ],
    )
    def test_exception(self, clip, error, match):
        with pytest.raises(error, match=match):
            residual_frames(clip)

    def test_module(self, signed):
        module = ResidualFrames(signed=signed)
        clip = draw(2, 4, 3, 5, 6)
        assert torch.equal(module(clip), residual_frames(clip, signed=signed))
        assert list(module.parameters()) == []
        assert str(module) == f'ResidualFrames(signed={signed})'

    def test_compile_without_breaks(self, signed):
        torch._dynamo.reset()
        compiled = torch.compile(
            lambda x: residual_frames(x, signed=signed), backend='eager', fullgraph=True
        )
        clip = draw(2, 4, 3, 5, 6)
        assert torch.equal(compiled(clip), residual_frames(clip, signed=signed))
