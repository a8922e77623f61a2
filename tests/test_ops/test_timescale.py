from pathlib import Path

import numpy as np
import pytest
import torch
from reference import pan as reference
from torch.autograd import gradcheck

from mmmotion.ops import (
    TimescaleAggregation,
    TimescaleAverage,
    TimescalePool,
    pyramid_timescales,
    timescale_pool,
)

GOLDEN = Path(__file__).parents[1] / 'data' / 'pan_modules.npz'
# What the released code serves, and how many vectors it makes of it.
RELEASED = {2: 1, 3: 1, 4: 3, 6: 3, 8: 7, 12: 7, 16: 15, 24: 15, 32: 31}


def draw(*shape, seed=0, dtype=torch.float32):
    return torch.randn(*shape, dtype=dtype, generator=torch.Generator().manual_seed(seed))


def relative(out, expected):
    return ((out - expected).norm() / expected.norm()).item()


class TestTimescalePool:
    def test_smoke(self):
        assert timescale_pool(draw(2, 8, 5)).isfinite().all()

    @pytest.mark.parametrize(('segments', 'vectors'), RELEASED.items())
    def test_shape(self, segments, vectors):
        assert timescale_pool(draw(2, segments, 5)).shape == (2, vectors, 5)

    def test_serves_what_released_serves(self):
        served = []
        for segments in range(-1, 33):
            try:
                pyramid_timescales(segments)
            except ValueError:
                continue
            served.append(segments)
        assert served == list(RELEASED)

    @pytest.mark.parametrize(
        ('x', 'timescales', 'error', 'match'),
        [
            (torch.zeros(2, 8, 5).int(), None, TypeError, 'x: .*int32'),
            (draw(16, 5), None, ValueError, r'x: .*\(N, T, D\), got \(16, 5\)'),
            (draw(2, 1, 5), None, ValueError, 'num_segments: .*got 1$'),
            (draw(2, 10, 5), None, ValueError, r'num_segments: .*3 \* 2\^n.*got 10$'),
            (draw(2, 10, 5), (1, 4), ValueError, r'timescales: .*10 segments, got \(1, 4\)'),
            (draw(2, 10, 5), (0,), ValueError, r'timescales: .*got \(0,\)'),
            (draw(2, 10, 5), (), ValueError, r'timescales: .*got \(\)'),
        ],
    )
    def test_exception(self, x, timescales, error, match):
        with pytest.raises(error, match=match):
            timescale_pool(x, timescales=timescales)

    @pytest.mark.parametrize(
        ('segments', 'timescales'),
        [(8, (1, 2, 4)), (12, (1, 2, 4)), (12, (1, 3, 6)), (10, (1, 2, 5, 10)), (7, (1,))],
    )
    def test_reference(self, segments, timescales):
        x = draw(3, segments, 6)
        expected = reference.timescale_pool(x, timescales)
        assert torch.equal(timescale_pool(x, timescales=timescales), expected)

    def test_convention(self):
        x = torch.tensor([3.0, 9.0, 4.0, 1.0, 5.0, 2.0, 6.0, 8.0])[None, :, None]
        expected = [9.0, 6.0, 9.0, 5.0, 9.0, 6.0, 8.0]  # all; even, odd; every fourth from 0, 1, ..
        assert timescale_pool(x).flatten().tolist() == expected

    def test_gradcheck(self):
        assert gradcheck(timescale_pool, (draw(2, 6, 3, dtype=torch.float64).requires_grad_(),))

    @pytest.mark.parametrize('dtype', [torch.bfloat16, torch.float16])
    def test_dtype(self, dtype):
        x = draw(2, 8, 5).to(dtype)
        assert torch.equal(timescale_pool(x), timescale_pool(x.float()).to(dtype))

    def test_module(self):
        x = draw(2, 12, 5)
        assert torch.equal(TimescalePool()(x), timescale_pool(x))
        assert torch.equal(TimescalePool((3, 4))(x), timescale_pool(x, timescales=(3, 4)))

    def test_constant(self):
        for dtype in (torch.float32, torch.bfloat16):
            x = torch.zeros(2, 8, 5, dtype=dtype, requires_grad=True)
            timescale_pool(x).sum().backward()
            assert x.grad.sum() == 2 * 7 * 5


class TestTimescaleAggregation:
    def test_smoke(self):
        assert TimescaleAggregation(8)(draw(2, 8, 5)).isfinite().all()

    @pytest.mark.parametrize(('segments', 'vectors'), RELEASED.items())
    def test_shape(self, segments, vectors):
        module = TimescaleAggregation(segments)
        assert module(draw(2, segments, 5)).shape == (2, 5)
        assert module.weight_perception[0].weight.shape == (4 * vectors, vectors)

    def test_exception(self):
        with pytest.raises(ValueError, match='num_segments: .*got 10$'):
            TimescaleAggregation(10)
        with pytest.raises(ValueError, match=r'timescales: .*8 segments, got \(3,\)'):
            TimescaleAggregation(8, timescales=(3,))
        with pytest.raises(ValueError, match=r'x: .*\(N, 8, D\), got \(2, 16, 5\)'):
            TimescaleAggregation(8)(draw(2, 16, 5))
        with pytest.raises(TypeError, match='x: .*int64'):
            TimescaleAggregation(8)(torch.ones(2, 8, 5).long())

    @pytest.mark.parametrize(('segments', 'timescales'), [(8, None), (12, None), (10, (1, 5))])
    def test_reference(self, segments, timescales):
        module = TimescaleAggregation(segments, timescales=timescales, expansion=2).double()
        w1, w2 = (module.weight_perception[i].weight for i in (0, 2))
        x = 5 * draw(3, segments, 6, dtype=torch.float64)
        expected = reference.timescale_aggregation(x, module.timescales, w1, w2)
        assert relative(module(x), expected) < 1e-12

    def test_reference_released(self):
        weights = reference.fill(
            {
                'TES.0.weight': (28, 7),
                'TES.2.weight': (7, 28),
                'pred.weight': (6, 33),
                'pred.bias': (6,),
            }
        )
        module = TimescaleAggregation(8)
        module.load_state_dict(
            {f'weight_perception.{i}.weight': weights[f'TES.{i}.weight'] for i in (0, 2)}
        )
        x = np.random.RandomState(4).standard_normal((24, 33)).astype('f4')
        out = module(torch.from_numpy(x).view(3, 8, 33))
        scores = out @ weights['pred.weight'].T + weights['pred.bias']
        assert relative(scores, torch.from_numpy(np.load(GOLDEN)['vap_seg8'])) < 1e-6

    def test_convention(self):
        # Logits that name one vector: the answer is that vector.
        module = TimescaleAggregation(4)
        x = draw(1, 4, 5).abs()
        v = timescale_pool(x)
        for index in range(3):
            with torch.no_grad():
                module.weight_perception[0].weight.fill_(1)
                module.weight_perception[2].weight.zero_()[index] = 100
            assert torch.allclose(module(x), v[:, index])

    def test_gradcheck(self):
        module = TimescaleAggregation(4).double()
        assert gradcheck(module, (draw(2, 4, 3, dtype=torch.float64).requires_grad_(),))

    @pytest.mark.parametrize('dtype', [torch.bfloat16, torch.float16])
    def test_dtype(self, dtype):
        module, x = TimescaleAggregation(8), draw(2, 8, 5)
        expected = module(x)
        assert relative(module.to(dtype)(x.to(dtype)).float(), expected) < 2e-2

    def test_autocast(self):
        module = TimescaleAggregation(8)
        with torch.autocast('cpu', dtype=torch.bfloat16):
            module(1000 * draw(2, 8, 5)).sum().backward()
        assert all(parameter.grad.isfinite().all() for parameter in module.parameters())

    def test_module(self):
        module = TimescaleAggregation(8)
        assert list(module.state_dict()) == [
            'weight_perception.0.weight',
            'weight_perception.2.weight',
        ]
        weights = module.weights(timescale_pool(draw(3, 8, 5)))
        assert weights.shape == (3, 7)
        assert torch.allclose(weights.sum(1), torch.ones(3))
        module(draw(3, 8, 5)).sum().backward()
        assert all(parameter.grad is not None for parameter in module.parameters())


class TestTimescaleAverage:
    @pytest.mark.parametrize(
        ('segments', 'timescales'), [(8, (1, 2, 4)), (12, (1, 3, 6)), (6, (6,)), (7, (1, 7))]
    )
    def test_reference(self, segments, timescales):
        x = draw(3, segments, 6)
        out = TimescaleAverage(segments, timescales=timescales)(x)
        assert relative(out, reference.timescale_average(x, timescales)) < 1e-6

    def test_default_timescales(self):
        x = draw(3, 8, 6)
        expected = reference.timescale_average(x, (1, 2, 4))
        assert relative(TimescaleAverage(8)(x), expected) < 1e-6

    @pytest.mark.parametrize('segments', [3, 5, 8])
    def test_longest_timescale_is_the_average(self, segments):
        x = draw(2, segments, 4)
        out = TimescaleAverage(segments, timescales=(segments,))(x)
        assert torch.allclose(out, x.mean(1))

    def test_gradcheck(self):
        x = draw(2, 6, 3, dtype=torch.float64).requires_grad_()
        assert gradcheck(TimescaleAverage(6), (x,))

    def test_other_length(self):
        with pytest.raises(ValueError, match=r'x: .*\(N, 8, D\), got \(2, 4, 5\)'):
            TimescaleAverage(8)(draw(2, 4, 5))
