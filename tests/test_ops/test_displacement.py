import numpy as np
import pytest
import torch
from reference import dcd as reference
from torch.autograd import gradcheck
from torch.utils.flop_counter import FlopCounterMode

from mmmotion.ops import DisplacementMap, displacement_map
from mmmotion.ops.engines import displacement_gpu
from mmmotion.ops.engines.displacement_stream import displacement_stream
from mmmotion.ops.engines.matching import Window, match, unit_vectors


def draw(*shape, seed=0, dtype=torch.float64):
    return torch.randn(*shape, dtype=dtype, generator=torch.Generator().manual_seed(seed))


def relative(out, expected):
    return ((out - expected).norm() / expected.norm()).item()


def stream(f1, f2, dh, dw, tau, **kwargs):
    """Walk through the window, which other devices do."""
    window = Window(dh, dw, **kwargs)
    return displacement_stream(*match(f1, f2, window, 'cosine'), window, tau)


def moved_square(dx, dy, channels=16, size=(20, 26), side=9):
    """A square of random vectors on a ground of random vectors, and where it went."""
    ground, texture = draw(1, channels, *size), draw(1, channels, side, side, seed=1)
    earlier, later, inside = ground.clone(), ground.clone(), torch.zeros(size, dtype=torch.bool)
    earlier[..., 5 : 5 + side, 7 : 7 + side] = texture
    later[..., 5 + dy : 5 + dy + side, 7 + dx : 7 + dx + side] = texture
    inside[5 : 5 + side, 7 : 7 + side] = True
    return earlier, later, inside


class TestDisplacementMap:
    @pytest.mark.parametrize('size', [(5, 5), (6, 9), (17, 5), (7, 33), (16, 40)])
    @pytest.mark.parametrize('reach', [(0, 0), (1, 3), (4, 2), (4, 4)])
    def test_shape(self, size, reach):
        out = displacement_map(draw(2, 3, *size), draw(2, 3, *size), max_displacement=reach)
        assert out.shape == (2, 2, *size)
        assert (out.abs().amax((0, 2, 3)) <= torch.tensor([reach[1], reach[0]])).all()

    @pytest.mark.parametrize(
        ('f1', 'f2', 'kwargs', 'error', 'match'),
        [
            (np.zeros((1, 2, 8, 8)), draw(1, 2, 8, 8), {}, TypeError, 'f1: .*ndarray'),
            (draw(1, 2, 8, 8), draw(1, 2, 8, 8).int(), {}, TypeError, 'f2: .*int32'),
            (
                draw(2, 8, 8),
                draw(2, 8, 8),
                {},
                ValueError,
                r'f1: .*\(N, C, H, W\), got \(2, 8, 8\)',
            ),
            (
                draw(1, 2, 8, 9),
                draw(1, 2, 9, 8),
                {},
                ValueError,
                r'f2: .*\(1, 2, 8, 9\), got \(1, 2, 9',
            ),
            (
                draw(1, 2, 4, 9),
                draw(1, 2, 4, 9),
                {},
                ValueError,
                r'max_displacement: .*got \(4, 4\)',
            ),
            (
                draw(1, 2, 9, 9),
                draw(1, 2, 9, 9),
                dict(max_displacement=(-1, 2)),
                ValueError,
                'max_d',
            ),
            (
                draw(1, 2, 9, 9),
                draw(1, 2, 9, 9),
                dict(tau=0),
                ValueError,
                'tau: expected more .*got 0',
            ),
            (draw(1, 2, 9, 9), draw(1, 2, 9, 9), dict(tau=-1.0), ValueError, 'tau: .*got -1.0'),
            (draw(1, 2, 9, 9), draw(1, 2, 9, 9), dict(assignment='hard'), ValueError, "'hard'"),
            (draw(1, 2, 9, 9), draw(1, 2, 9, 9), dict(similarity='l2'), ValueError, "'l2'"),
            (
                draw(1, 2, 9, 9),
                draw(1, 2, 9, 9),
                dict(stride=0),
                ValueError,
                'stride, dilation: .*got 0 and',
            ),
            (draw(1, 2, 9, 9), draw(1, 2, 9, 9), dict(dilation=3), ValueError, 'steps of 3'),
        ],
    )
    def test_exception(self, f1, f2, kwargs, error, match):
        with pytest.raises(error, match=match):
            displacement_map(f1, f2, **{'max_displacement': 4, **kwargs})

    @pytest.mark.parametrize('similarity', ['cosine', 'dot'])
    @pytest.mark.parametrize(('stride', 'dilation'), [(1, 1), (2, 1), (1, 2), (3, 2)])
    def test_reference(self, similarity, stride, dilation):
        f1, f2 = draw(2, 3, 7, 9), draw(2, 3, 7, 9, seed=1)
        kwargs = dict(similarity=similarity, stride=stride, dilation=dilation)
        expected = reference.cost_volume(f1, f2, 2, 1, **kwargs)
        expected = reference.displacement_map(expected, 0.3, dilation)
        out = displacement_map(f1, f2, max_displacement=(2, 1), tau=0.3, **kwargs)
        assert relative(out, expected) < 1e-12

    @pytest.mark.parametrize('pairs', [1, 7])
    @pytest.mark.parametrize('size', [(5, 6), (8, 37), (23, 16), (17, 20)])
    @pytest.mark.parametrize('reach', [(4, 4), (1, 3), (0, 2), (3, 0)])
    def test_tiles(self, size, reach, pairs):
        # Maps are cut into tiles, and pairs of maps into blocks, that need not come out even.
        f1, f2 = draw(pairs, 3, *size), draw(pairs, 3, *size, seed=1)
        expected = reference.unfolded_displacement_map(f1, f2, *reach, 0.2)
        out = displacement_map(f1, f2, max_displacement=reach, tau=0.2)
        torch.testing.assert_close(out, expected, rtol=1e-9, atol=1e-9)
        torch.testing.assert_close(stream(f1, f2, *reach, 0.2), expected, rtol=1e-9, atol=1e-9)

    @pytest.mark.parametrize('tau', [0.2, None])
    @pytest.mark.parametrize('size', [(5, 6), (8, 37), (23, 16)])
    @pytest.mark.parametrize('reach', [(4, 4), (1, 3), (0, 2), (3, 0)])
    @pytest.mark.parametrize('block_bytes', [1, 2**28])
    def test_engine_of_gpus(self, size, reach, tau, block_bytes, monkeypatch):
        monkeypatch.setattr(displacement_gpu, '_BLOCK_BYTES', block_bytes)
        q, k = (draw(3, 5, *size, seed=seed).round().requires_grad_() for seed in (0, 1))
        expected = displacement_stream(q, k, Window(*reach), tau)
        out = displacement_gpu.displacement_gpu(q, k, *reach, tau)
        torch.testing.assert_close(out, expected, rtol=1e-9, atol=1e-9)
        if tau:
            grad = draw(3, 2, *size, seed=2)
            ours = displacement_gpu.displacement_gpu_backward(grad, q, k, *reach, tau)
            theirs = torch.autograd.grad(expected, (q, k), grad)
            torch.testing.assert_close(ours, theirs, rtol=1e-9, atol=1e-9)

    @pytest.mark.parametrize('channels_last', [False, True])
    @pytest.mark.parametrize('size', [(8, 37), (17, 20)])
    def test_gradient_reference(self, size, channels_last):
        inputs = [draw(3, 5, *size, seed=seed).requires_grad_() for seed in (0, 1)]
        grad = draw(3, 2, *size, seed=2)
        layout = torch.channels_last if channels_last else torch.contiguous_format
        given = [x.contiguous(memory_format=layout) for x in inputs]
        expected = reference.unfolded_displacement_map(*inputs, 3, 4, 0.2)
        expected = torch.autograd.grad(expected, inputs, grad)
        for out in (
            displacement_map(*given, max_displacement=(3, 4), tau=0.2),
            stream(*given, 3, 4, 0.2),
        ):
            for ours, theirs in zip(torch.autograd.grad(out, inputs, grad), expected, strict=True):
                assert relative(ours, theirs) < 1e-9

    @pytest.mark.parametrize('kwargs', [{}, dict(similarity='dot'), dict(stride=2, dilation=2)])
    def test_gradcheck(self, kwargs):
        inputs = [draw(2, 2, 5, 6, seed=seed).requires_grad_() for seed in (0, 1)]
        assert gradcheck(
            lambda a, b: displacement_map(a, b, max_displacement=(2, 1), tau=0.5, **kwargs), inputs
        )

    def test_gradcheck_of_one(self):
        f1, f2 = draw(1, 2, 4, 5).requires_grad_(), draw(1, 2, 4, 5, seed=1)
        assert gradcheck(lambda a: displacement_map(a, f2, max_displacement=1, tau=0.5), (f1,))
        assert gradcheck(lambda a: displacement_map(f2, a, max_displacement=1, tau=0.5), (f1,))

    @pytest.mark.parametrize('tau', [0.02, 0.005])
    def test_moved_square(self, tau):
        """Convention: (dx, dy), right and down, from the first map to the second."""
        f1, f2, inside = moved_square(2, -1)
        out = displacement_map(f1, f2, max_displacement=(3, 4), tau=tau)[0, :, inside]
        expected = torch.tensor([2.0, -1.0]).double()[:, None].expand_as(out)
        torch.testing.assert_close(out, expected, atol=1e-3, rtol=0)

    def test_small_tau_is_winner_take_all(self):
        f1, f2 = draw(1, 4, 9, 11), draw(1, 4, 9, 11, seed=1)
        won = displacement_map(f1, f2, max_displacement=2, assignment='wta')
        assert torch.equal(won, reference.winners(reference.cost_volume(f1, f2, 2, 2)).double())
        assert torch.equal(won, stream(f1, f2, 2, 2, None))
        soft = displacement_map(f1, f2, max_displacement=2, tau=1e-5)
        torch.testing.assert_close(soft, won, atol=1e-5, rtol=0)

    def test_winners_have_no_gradient(self):
        f1 = draw(1, 4, 9, 11).requires_grad_()
        assert not displacement_map(f1, f1, max_displacement=2, assignment='wta').requires_grad

    def test_underflow(self):
        """Weights are relative to the best inside the window, not to the best around."""
        f1, f2 = torch.zeros(1, 1, 5, 20), torch.full((1, 1, 5, 20), -1.0)
        f1[..., 8:] = f2[..., 10:] = 1
        out = displacement_map(f1, f2, max_displacement=1, tau=0.002)
        assert out.isfinite().all()
        torch.testing.assert_close(out, stream(f1, f2, 1, 1, 0.002))

    @pytest.mark.parametrize('assignment', ['soft', 'wta'])
    def test_constant_map(self, assignment):
        """Nothing inside; at the border, inwards: the mean of what the window holds."""
        f1 = torch.ones(1, 16, 20, 24)
        out = displacement_map(f1, f1, max_displacement=(4, 2), tau=0.02, assignment=assignment)
        torch.testing.assert_close(out[0, :, 4:-4, 2:-2].abs().max(), torch.tensor(0.0))
        torch.testing.assert_close(out[0, :, 0, 0], torch.tensor([1.0, 2.0]))
        torch.testing.assert_close(out[0, :, -1, 10], torch.tensor([0.0, -2.0]))

    @pytest.mark.parametrize('similarity', ['cosine', 'dot'])
    @pytest.mark.parametrize('dtype', [torch.float32, torch.bfloat16])
    @pytest.mark.parametrize('way', ['tiles', 'stream'])
    def test_zero_vectors(self, similarity, dtype, way):
        f1 = torch.zeros(1, 8, 9, 10, dtype=dtype, requires_grad=True)
        f2 = draw(1, 8, 9, 10).to(dtype)
        f2[..., 3:6, 2:7] = 0
        f2.requires_grad_()
        kwargs = dict(similarity=similarity, stride=1 if way == 'tiles' else 2)
        out = displacement_map(f1, f2, max_displacement=3, **kwargs)
        assert out.abs().max() < 1e-5
        displacement_map(f2, f1, max_displacement=3, **kwargs).sum().backward()
        out.sum().backward()
        assert f1.grad.isfinite().all()
        assert f2.grad.isfinite().all()
        if similarity == 'cosine':
            assert (f1.grad == 0).all()

    def test_unit_vectors(self):
        x = torch.tensor([[3.0, 4.0], [0.0, 0.0], [1e-9, 0.0]]).T[None, :, :, None].requires_grad_()
        out = unit_vectors(x)
        expected = torch.tensor([[0.6, 0.8], [0.0, 0.0], [0.0, 0.0]]).T
        torch.testing.assert_close(out[0, :, :, 0], expected)
        out.sum().backward()
        assert x.grad.isfinite().all()
        assert (x.grad[..., 1:, :] == 0).all()

    def test_unit_vectors_gradcheck(self):
        x = torch.randn(2, 3, 4, 5, dtype=torch.float64, requires_grad=True)
        assert torch.autograd.gradcheck(unit_vectors, x)
        assert torch.autograd.gradgradcheck(unit_vectors, x)

    @pytest.mark.parametrize('dtype', [torch.bfloat16, torch.float16])
    def test_dtype(self, dtype):
        f1, f2, _ = moved_square(2, -1)
        out = displacement_map(f1.to(dtype), f2.to(dtype), max_displacement=4)
        assert out.dtype == dtype
        expected = displacement_map(
            f1.to(dtype).double(), f2.to(dtype).double(), max_displacement=4
        )
        assert relative(out.double(), expected) < 1e-2

    def test_autocast(self):
        """Products of bfloat16 would be as far off as tau is wide."""
        f1, f2 = (x.float().requires_grad_() for x in moved_square(2, -1)[:2])
        with torch.autocast('cpu', dtype=torch.bfloat16):
            out = displacement_map(f1, f2, max_displacement=4)
            grads = torch.autograd.grad(out.sum(), (f1, f2))
        expected = displacement_map(f1, f2, max_displacement=4)
        assert torch.equal(out, expected)
        wanted = torch.autograd.grad(expected.sum(), (f1, f2))
        assert all(relative(a, b) < 1e-3 for a, b in zip(grads, wanted, strict=True))

    def test_operator(self):
        inputs = [draw(2, 3, 6, 7, seed=seed).requires_grad_() for seed in (0, 1)]
        torch.library.opcheck(torch.ops.mmmotion.displacement.default, (*inputs, 2, 1, 0.5))

    def test_compile(self):
        torch._dynamo.reset()
        f1, f2 = draw(1, 4, 8, 9).requires_grad_(), draw(1, 4, 8, 9, seed=1)
        expected = displacement_map(f1, f2, max_displacement=(0, 1), tau=0.1)
        compiled = torch.compile(displacement_map, fullgraph=True, backend='aot_eager')
        for stride in (1, 2):  # tiles, an operator of ours, and the walk through the window
            out = compiled(f1, f2, max_displacement=(0, 1), tau=0.1, stride=stride)
            assert relative(out, expected[..., ::stride, ::stride]) < 1e-9
            assert torch.autograd.grad(out.sum(), f1)[0].abs().sum() > 0

    def test_counted(self):
        f1, f2 = draw(2, 3, 6, 7).requires_grad_(), draw(2, 3, 6, 7)
        with FlopCounterMode(display=False) as counter:
            out = displacement_map(f1, f2, max_displacement=(2, 1))
        once = 2 * f1.numel() * 15
        assert counter.get_total_flops() == once
        with counter:
            out.sum().backward()
        assert counter.get_total_flops() == 3 * once

    def test_export(self):
        # Other runtimes know no operator of ours: they get sums and exponentials.
        module, clip = DisplacementMap(1, tau=0.1), draw(1, 3, 2, 5, 6)
        program = torch.export.export(module, (clip,))
        assert 'mmmotion' not in str(program.graph)
        assert relative(program.module()(clip), module(clip)) < 1e-9

    def test_module(self):
        module, clip = DisplacementMap((2, 1), tau=0.1), draw(2, 4, 3, 7, 9)
        out = module(clip)
        assert out.shape == (2, 3, 2, 7, 9)
        expected = displacement_map(clip[:, 1], clip[:, 2], max_displacement=(2, 1), tau=0.1)
        torch.testing.assert_close(out[:, 1], expected)
        assert list(module.parameters()) == []
        assert 'tau=0.1' in repr(module)
        with pytest.raises(ValueError, match=r'clip: .*T >= 2 .*\(2, 1, 3, 7, 9\)'):
            module(clip[:, :1])
