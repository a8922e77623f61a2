import pytest
import torch
from torch.autograd import gradcheck, gradgradcheck

from mmmotion.ops.temporal_shift import temporal_shift

FORMATS = [torch.contiguous_format, torch.channels_last]


@pytest.fixture
def upstream_shift():
    resnet_tsm = pytest.importorskip('mmaction.models.backbones.resnet_tsm')
    return resnet_tsm.TemporalShift.shift


def draw(*shape, dtype=torch.float32):
    return torch.randn(*shape, dtype=dtype, generator=torch.Generator().manual_seed(0))


class TestTemporalShift:
    @pytest.mark.parametrize('memory', FORMATS)
    @pytest.mark.parametrize(('channels', 'shift_div'), [(16, 8), (17, 8), (7, 8), (9, 3), (4, 2)])
    @pytest.mark.parametrize('num_segments', [1, 2, 3])
    def test_reference(self, upstream_shift, num_segments, channels, shift_div, memory):
        """The values and gradients of MMAction2's, in the memory format of the input."""
        x = draw(6, channels, 4, 5).contiguous(memory_format=memory).requires_grad_()
        out = temporal_shift(x, num_segments, shift_div)
        expected = upstream_shift(x, num_segments, shift_div)
        assert torch.equal(out, expected)
        assert out.is_contiguous(memory_format=memory)
        grad = draw(6, channels, 4, 5) + 1
        (ours,), (theirs,) = (torch.autograd.grad(y, x, grad) for y in (out, expected))
        torch.testing.assert_close(ours, theirs)  # theirs adds g - g to it

    def test_convention(self):
        x = torch.arange(3.0).view(3, 1, 1, 1).expand(3, 4, 1, 2) + 1
        out = temporal_shift(x, 3, 4)[:, :, 0, 1]
        assert out.T.tolist() == [[2, 3, 0], [0, 1, 2], [1, 2, 3], [1, 2, 3]]

    def test_clips_do_not_mix(self):
        x = draw(6, 8, 2, 3)
        assert torch.equal(temporal_shift(x, 3)[3:], temporal_shift(x[3:], 3))

    def test_gradcheck(self):
        x = draw(6, 8, 2, 3, dtype=torch.float64).requires_grad_()
        assert gradcheck(lambda x: temporal_shift(x, 3, 4), x)
        assert gradgradcheck(lambda x: temporal_shift(x, 3, 4), x)

    @pytest.mark.parametrize('dtype', [torch.float16, torch.bfloat16, torch.float64])
    def test_dtype(self, upstream_shift, dtype):
        x = draw(4, 8, 2, 3).to(dtype)
        assert torch.equal(temporal_shift(x, 2), upstream_shift(x, 2, 8))

    def test_exception(self):
        with pytest.raises(ValueError, match=r'num_segments=4 maps, got \(6, 8, 2, 3\)'):
            temporal_shift(draw(6, 8, 2, 3), 4)
        with pytest.raises(ValueError, match=r'\(N, C, H, W\), got \(6, 8, 2\)'):
            temporal_shift(draw(6, 8, 2), 3)
