import pytest
import torch
from reference import dcd as reference
from torch.autograd import gradcheck

from mmmotion.ops import CostVolume, cost_volume


def draw(*shape, seed=0):
    return torch.randn(*shape, dtype=torch.float64, generator=torch.Generator().manual_seed(seed))


class TestCostVolume:
    @pytest.mark.parametrize('similarity', ['cosine', 'dot'])
    @pytest.mark.parametrize('reach', [(0, 0), (2, 1), (1, 3)])
    @pytest.mark.parametrize(('stride', 'dilation'), [(1, 1), (2, 1), (1, 2), (3, 2)])
    def test_reference(self, similarity, reach, stride, dilation):
        f1, f2 = draw(2, 3, 7, 9), draw(2, 3, 7, 9, seed=1)
        kwargs = dict(similarity=similarity, stride=stride, dilation=dilation)
        out = cost_volume(f1, f2, max_displacement=reach, **kwargs)
        torch.testing.assert_close(out, reference.cost_volume(f1, f2, *reach, **kwargs))

    def test_convention(self):
        """Offset first, rows before columns; beyond the border is 0."""
        f1, f2 = torch.zeros(1, 2, 6, 9), torch.zeros(1, 2, 6, 9)
        f1[0, :, 4, 8] = torch.tensor([3.0, 4.0])
        f2[0, :, 5, 6] = torch.tensor([6.0, 8.0])  # down by 1, left by 2
        out = cost_volume(f1, f2, max_displacement=(1, 3))
        expected = torch.zeros(1, 3, 7, 6, 9)
        expected[0, 1 + 1, 3 - 2, 4, 8] = 1
        torch.testing.assert_close(out, expected)
        out = cost_volume(f1, f2, max_displacement=(1, 3), similarity='dot')
        torch.testing.assert_close(out, 50 * expected)

    def test_zero_vectors(self):
        f1, f2 = torch.zeros(1, 4, 5, 6, requires_grad=True), torch.ones(1, 4, 5, 6)
        out = cost_volume(f1, f2, max_displacement=1)
        out.sum().backward()
        assert (out == 0).all()
        assert (f1.grad == 0).all()

    def test_gradcheck(self):
        inputs = [draw(1, 2, 4, 5, seed=seed).requires_grad_() for seed in (0, 1)]
        assert gradcheck(lambda a, b: cost_volume(a, b, max_displacement=(1, 2)), inputs)

    def test_dtype(self):
        f1, f2 = draw(1, 8, 5, 6).bfloat16(), draw(1, 8, 5, 6, seed=1).bfloat16()
        out = cost_volume(f1, f2, max_displacement=2)
        assert out.dtype == torch.bfloat16
        expected = cost_volume(f1.double(), f2.double(), max_displacement=2)
        torch.testing.assert_close(out.double(), expected, atol=4e-3, rtol=0)

    def test_exception(self):
        with pytest.raises(ValueError, match=r'f2: .*\(1, 2, 5, 6\), got \(1, 3, 5, 6\)'):
            cost_volume(draw(1, 2, 5, 6), draw(1, 3, 5, 6), max_displacement=1)

    def test_module(self):
        f1, f2 = draw(1, 2, 7, 9), draw(1, 2, 7, 9, seed=1)
        module = CostVolume((1, 2), similarity='dot', stride=2)
        expected = cost_volume(f1, f2, max_displacement=(1, 2), similarity='dot', stride=2)
        assert torch.equal(module(f1, f2), expected)
        assert 'dot' in repr(module)
