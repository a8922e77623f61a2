from functools import partial

import pytest
import torch
from reference import repflow as reference
from torch import nn
from torch.autograd import gradcheck
from torch.nn import functional as F

from mmmotion.ops import RepresentationFlow, representation_flow, scale_features
from mmmotion.ops.engines import flow_iterations as iterations
from mmmotion.ops.engines.flow_compiled import library

MODES = ('paper', 'tvl1')
COMPILED = (False, True)
LOGS = ['log_lam', 'log_tau', 'log_theta']
DEFAULT_KERNELS = torch.tensor(reference.SOBEL), torch.tensor(reference.SOBEL).t()


def draw(*shape, seed=0, dtype=torch.float32):
    return torch.rand(*shape, dtype=dtype, generator=torch.Generator().manual_seed(seed))


def pair(*shape, dtype=torch.float64):
    f1 = 20 * draw(*shape, dtype=dtype)
    return f1, f1 + 4 * draw(*shape, seed=1, dtype=dtype) - 2


def texture(height, width, dx, dy):
    """A smooth texture, moved by (dx, dy), (1, 1, H, W) in 0..255."""
    y, x = torch.meshgrid(torch.arange(height), torch.arange(width), indexing='ij')
    x, y = x.double() - dx, y.double() - dy
    waves = [(0.35, 0.1, 0), (0.12, -0.3, 1), (-0.22, 0.25, 2), (0.05, 0.4, 3)]
    value = sum(torch.sin(a * x + b * y + phase) for a, b, phase in waves)
    return (127.5 + 30 * value)[None, None]


def slow(f1, f2, *args, **kwargs):
    """The reference, map by map."""
    flows = [
        [reference.flow_of_map(a, b, *args, **kwargs) for a, b in zip(*maps, strict=True)]
        for maps in zip(f1, f2, strict=True)
    ]
    return torch.stack([torch.stack(flow, dim=1) for flow in flows])


class TestRepresentationFlow:
    def test_smoke(self):
        flow = representation_flow(255 * draw(2, 3, 14, 20), 255 * draw(2, 3, 14, 20, seed=1))
        assert flow.isfinite().all()
        assert flow.abs().amax() > 0

    @pytest.mark.parametrize('size', [(1, 1), (1, 7), (6, 1), (5, 9)])
    @pytest.mark.parametrize('mode', MODES)
    @pytest.mark.parametrize('compiled', COMPILED)
    def test_shape(self, size, mode, compiled):
        f1, f2 = pair(2, 3, *size)
        kwargs = dict(num_iters=3, mode=mode)
        flow = representation_flow(f1, f2, compiled=compiled, **kwargs)
        assert flow.shape == (2, 2, 3, *size)
        assert torch.allclose(flow, slow(f1, f2, **kwargs), atol=1e-12)

    @pytest.mark.parametrize(
        ('f1', 'f2', 'kwargs', 'error', 'match'),
        [
            (torch.ones(1, 1, 4, 4).int(), draw(1, 1, 4, 4), {}, TypeError, 'f1: .*int32'),
            (
                draw(1, 4, 4),
                draw(1, 4, 4),
                {},
                ValueError,
                r'f1: .*\(N, C, H, W\), got \(1, 4, 4\)',
            ),
            (draw(1, 1, 4, 4), draw(1, 1, 4, 5), {}, ValueError, r'f2: .*\(1, 1, 4, 4\), got'),
            (draw(1, 1, 4, 4), draw(1, 1, 4, 4), {'num_iters': -1}, ValueError, 'num_iters: .*-1'),
            (draw(1, 1, 4, 4), draw(1, 1, 4, 4), {'mode': 'TVL1'}, ValueError, "mode: .*'TVL1'"),
        ],
    )
    def test_exception(self, f1, f2, kwargs, error, match):
        with pytest.raises(error, match=match):
            representation_flow(f1, f2, **kwargs)

    @pytest.mark.parametrize('compiled', COMPILED)
    @pytest.mark.parametrize('mode', MODES)
    def test_reference(self, mode, compiled):
        f1, f2 = pair(2, 2, 6, 8)
        given = dict(tau=0.4, lam=0.2, theta=0.25)
        pairs = dict(div_x=torch.tensor([-0.8, 1.1]), div_y=torch.tensor([-1.2, 0.9]))
        flow = representation_flow(
            f1, f2, num_iters=6, mode=mode, compiled=compiled, **given, **pairs
        )
        weights = dict(wx=pairs['div_x'].double(), wy=pairs['div_y'].double())
        expected = slow(f1, f2, 6, **given, **weights, mode=mode)
        assert expected.abs().amax() > 0.1
        assert torch.allclose(flow, expected, atol=1e-12)

    @pytest.mark.parametrize('mode', MODES)
    def test_reference_kernels(self, mode):
        """Kernels of one's own; printed, they are turned by half a turn."""
        f1, f2 = pair(1, 2, 5, 7)
        kernels = torch.stack(DEFAULT_KERNELS).double() + draw(2, 3, 3, dtype=torch.float64)
        printed = [k.flip(0, 1).tolist() for k in kernels]
        kwargs = dict(printed_x=printed[0], printed_y=printed[1], mode=mode)
        flow = representation_flow(f1, f2, num_iters=4, sobel=kernels, mode=mode)
        assert torch.allclose(flow, slow(f1, f2, 4, **kwargs), atol=1e-12)

    def test_obvious_version(self):
        """What the benchmark compares with gives the same flow."""
        f1, f2 = pair(2, 3, 9, 11)
        expected = reference.representation_flow(f1, f2, 20)
        assert torch.allclose(representation_flow(f1, f2), expected, atol=1e-9)

    def test_no_iterations(self):
        f1, f2 = pair(1, 2, 5, 6)
        assert (representation_flow(f1, f2, num_iters=0) == 0).all()

    @pytest.mark.parametrize('compiled', COMPILED)
    def test_tiles_and_threads(self, compiled, monkeypatch):
        """Every map is independent, whatever tile or thread it is in."""
        f1, f2 = pair(3, 5, 6, 7)
        whole = representation_flow(f1, f2, compiled=compiled)
        monkeypatch.setattr(iterations, 'TILE_PIXELS', 4 * 6 * 7)
        before = torch.get_num_threads()
        torch.set_num_threads(2)
        assert torch.equal(representation_flow(f1, f2, compiled=compiled), whole)
        torch.set_num_threads(before)
        alone = representation_flow(f1[1:2, 2:3], f2[1:2, 2:3], compiled=compiled)
        assert torch.allclose(alone, whole[1:2, :, 2:3], atol=1e-13)

    @pytest.mark.parametrize('num_iters', [10, 300])
    def test_paper_moves_the_right_way(self, num_iters):
        """Sign and axis are right, the length is too short, and nothing diverges."""
        f1, f2 = texture(40, 56, 0, 0), texture(40, 56, 0.6, -0.4)
        flow = representation_flow(f1, f2, num_iters=num_iters, compiled=True)
        x, y = flow[0, :, 0, 8:-8, 8:-8].mean((1, 2))
        assert 0.05 < x < 0.6
        assert -0.4 < y < -0.03
        assert x > -1.2 * y
        assert flow.abs().amax() < 3

    def test_tvl1_converges(self):
        """The end-point error falls, and is below 10 % of the motion at 100 iterations."""
        f1, f2 = texture(40, 56, 0, 0), texture(40, 56, 0.6, -0.4)
        moved, errors = torch.tensor([0.6, -0.4]).double(), []
        for num_iters in (1, 10, 100):
            flow = representation_flow(f1, f2, num_iters=num_iters, mode='tvl1', compiled=True)
            distance = (flow[0, :, 0] - moved[:, None, None]).norm(dim=0)
            errors.append((distance.mean() / moved.norm()).item())
        assert errors[0] > errors[1] > errors[2]
        assert errors[2] < 0.1

    @pytest.mark.parametrize(('axis', 'component'), [(3, 0), (2, 1)])
    def test_tvl1_flips(self, axis, component):
        f1, f2 = texture(40, 56, 0, 0), texture(40, 56, 0.6, -0.4)
        kwargs = dict(num_iters=100, mode='tvl1', compiled=True)
        flow = representation_flow(f1, f2, **kwargs)
        flipped = representation_flow(f1.flip(axis), f2.flip(axis), **kwargs).flip(axis + 1)
        flipped[:, component] *= -1
        assert (flipped - flow).norm() < 0.02 * flow.norm()

    def test_convention(self):
        """An edge that goes to the right by half a pixel, in the second channel of two."""
        x = torch.arange(16.0).expand(1, 1, 10, 16)
        still = torch.zeros(1, 1, 10, 16)
        f1, f2 = torch.cat([still, 8 * x], dim=1), torch.cat([still, 8 * (x - 0.5)], dim=1)
        flow = representation_flow(f1, f2, num_iters=60, mode='tvl1')
        assert (flow[:, :, 0] == 0).all()
        assert flow[0, 0, 1].mean().item() == pytest.approx(0.5, abs=0.04)
        assert flow[0, 1, 1].abs().amax().item() == pytest.approx(0, abs=0.02)
        down = representation_flow(f1.mT, f2.mT, num_iters=60, mode='tvl1')
        assert down[0, 1, 1].mean().item() == pytest.approx(0.5, abs=0.04)

    @pytest.mark.parametrize('compiled', COMPILED)
    @pytest.mark.parametrize('mode', MODES)
    def test_gradcheck(self, mode, compiled):
        f1, f2 = pair(1, 2, 4, 5)
        numbers = [torch.tensor(v, dtype=torch.float64) for v in (0.25, 0.15, 0.3)]
        inputs = [f1, f2, *numbers, *torch.tensor([[-1.0, 1.0], [-0.9, 1.1]]).double()]

        def flow(a, b, tau, lam, theta, div_x, div_y):
            settings = dict(tau=tau, lam=lam, theta=theta, div_x=div_x, div_y=div_y)
            return representation_flow(a, b, num_iters=3, mode=mode, compiled=compiled, **settings)

        assert gradcheck(flow, [value.requires_grad_() for value in inputs])

    @pytest.mark.parametrize('mode', MODES)
    def test_gradcheck_kernels(self, mode):
        f1, f2 = pair(1, 1, 4, 5)
        kernels = torch.stack(DEFAULT_KERNELS).double().requires_grad_()
        assert gradcheck(
            lambda a, k: representation_flow(a, f2, num_iters=3, sobel=k, mode=mode),
            (f1.requires_grad_(), kernels),
        )

    @pytest.mark.parametrize('compiled', COMPILED)
    @pytest.mark.parametrize('mode', MODES)
    @pytest.mark.parametrize('value', [0.0, 255.0])
    def test_flat_maps(self, mode, compiled, value):
        """A black clip and a white one have zero flow and finite gradients."""
        f1 = torch.full((1, 2, 6, 7), value, requires_grad=True)
        tau, lam, theta = (torch.tensor(v, requires_grad=True) for v in (0.25, 0.15, 0.3))
        flow = representation_flow(
            f1, f1 + 0, mode=mode, compiled=compiled, tau=tau, lam=lam, theta=theta
        )
        grads = torch.autograd.grad(flow.square().sum() + flow.sum(), (f1, tau, lam, theta))
        inside = flow[..., 1:-1, 1:-1] if mode == 'paper' else flow
        assert inside.abs().amax() == 0
        assert all(grad.isfinite().all() for grad in grads)

    @pytest.mark.parametrize('compiled', COMPILED)
    def test_nan_stays_and_is_reported(self, compiled):
        f1, f2 = pair(2, 3, 6, 7)
        clean = representation_flow(f1, f2, compiled=compiled)
        f1[1, 2, 3, 3] = float('nan')
        with pytest.warns(UserWarning, match='f1, f2: expected numbers, got NaN in 1 of 6 maps'):
            flow = representation_flow(f1, f2, compiled=compiled)
        assert flow[1, :, 2].isnan().any()
        flow[1, :, 2] = clean[1, :, 2]
        assert torch.equal(flow, clean)

    @pytest.mark.parametrize('dtype', [torch.bfloat16, torch.float16, torch.float64])
    def test_dtype(self, dtype):
        f1, f2 = (255 * draw(1, 2, 8, 9, seed=i).to(dtype) for i in range(2))
        flow = representation_flow(f1, f2)
        assert flow.dtype == dtype
        expected = representation_flow(f1.double(), f2.double())
        assert (flow.double() - expected).norm() < 0.02 * expected.norm()

    def test_autocast(self):
        """The iterations stay in float32."""
        f1, f2 = pair(1, 2, 8, 9, dtype=torch.float32)
        kernels = torch.stack(DEFAULT_KERNELS)
        expected = representation_flow(f1, f2, sobel=kernels)
        with torch.autocast('cpu', dtype=torch.bfloat16):
            assert torch.equal(representation_flow(f1, f2, sobel=kernels), expected)

    def test_without_a_compiler(self, monkeypatch):
        """A warning names the cure, and the flow is the same."""
        f1, f2 = pair(1, 2, 6, 7)
        expected = representation_flow(f1, f2, compiled=False)
        library.cache_clear()
        monkeypatch.setenv('CXX', 'no-such-compiler')
        with pytest.warns(UserWarning, match=r'install g\+\+ .* Got: CXX: expected .*no-such-comp'):
            flow = representation_flow(f1, f2)
        library.cache_clear()
        assert torch.equal(flow, expected)

    def test_compile(self):
        """Inside of a compiled model it is one operator, differentiable, whatever the count."""
        f1, f2 = (value.requires_grad_() for value in pair(1, 2, 6, 7, dtype=torch.float32))
        model = torch.compile(representation_flow, backend='aot_eager', fullgraph=True)
        flow, expected = model(f1, f2), representation_flow(f1, f2, compiled=True)
        assert torch.allclose(flow, expected, atol=1e-5)
        grad = draw(*flow.shape, seed=3)
        grads, wanted = (torch.autograd.grad(v, (f1, f2), grad) for v in (flow, expected))
        assert all(
            torch.allclose(a, b, rtol=1e-4, atol=1e-3) for a, b in zip(grads, wanted, strict=True)
        )


class TestScaleFeatures:
    def test_range(self):
        clip = draw(2, 3, 4, 5, 6) * torch.tensor([1.0, 30.0]).view(2, 1, 1, 1, 1) - 0.3
        out = scale_features(clip)
        assert out.flatten(1).amin(1).tolist() == [0, 0]
        assert out.flatten(1).amax(1).tolist() == pytest.approx([255, 255])
        assert torch.equal(scale_features(clip[1:]), out[1:])  # whatever it is batched with
        both = (clip - clip.flatten(1).amin(1).view(2, 1, 1, 1, 1)) > 0
        assert (out > 0).equal(both)

    @pytest.mark.parametrize('dtype', [torch.float32, torch.bfloat16])
    def test_constant(self, dtype):
        clip = torch.full((1, 2, 3, 4, 5), 7.0, dtype=dtype, requires_grad=True)
        out = scale_features(clip)
        assert (out == 0).all()
        assert torch.autograd.grad(out.sum(), clip)[0].abs().amax() == 0

    def test_gradcheck(self):
        assert gradcheck(scale_features, draw(2, 2, 1, 3, 4).double().requires_grad_())

    def test_exception(self):
        with pytest.raises(ValueError, match=r'clip: .*\(N, T, C, H, W\), got \(2, 3, 4\)'):
            scale_features(draw(2, 3, 4))


class TestModule:
    def test_clip(self):
        clip = draw(2, 4, 3, 9, 8)
        module = RepresentationFlow(5, mode='tvl1')
        out = module(clip)
        assert out.shape == (2, 3, 6, 9, 8)
        scaled = scale_features(clip)
        flow = representation_flow(scaled[:, 1], scaled[:, 2], num_iters=5, mode='tvl1')
        assert torch.allclose(out[:, 1], flow.flatten(1, 2), atol=1e-6)
        raw = RepresentationFlow(5, mode='tvl1', scale=False)(scaled)
        assert torch.equal(raw, out)

    def test_alone_as_in_a_batch(self):
        clip = draw(3, 3, 2, 7, 8) * torch.tensor([0.1, 1, 50]).view(3, 1, 1, 1, 1)
        module = RepresentationFlow(10)
        assert torch.allclose(module(clip)[1:2], module(clip[1:2]), atol=1e-6)

    @pytest.mark.parametrize(
        ('learn', 'expected'),
        [
            ('none', []),
            ('sobel', ['sobel']),
            ('divergence', ['div_x', 'div_y']),
            ('hyperparameters', LOGS),
            (['divergence', 'hyperparameters'], ['div_x', 'div_y', *LOGS]),
            ('all', ['div_x', 'div_y', *LOGS, 'sobel']),
        ],
    )
    def test_learned_sets(self, learn, expected):
        """Of Table 2; each gets a gradient, and weights go from one set to another."""
        module = RepresentationFlow(2, learn=learn)
        assert sorted(name for name, _ in module.named_parameters()) == expected
        assert sorted(module.state_dict()) == ['div_x', 'div_y', *LOGS, 'sobel']
        clip = draw(1, 2, 2, 6, 7)
        clip[:, 1] += 20  # a change so large that steps are clamped: else lambda has no gradient
        module(clip.requires_grad_()).square().sum().backward()
        assert all(parameter.grad.abs().amax() > 0 for parameter in module.parameters())
        other = RepresentationFlow(2, learn='none')
        other.load_state_dict(module.state_dict())

    def test_learned_values_are_used(self):
        module, clip = RepresentationFlow(4, learn='all'), draw(1, 2, 1, 6, 7)
        before = module(clip)
        for parameter in module.parameters():
            old = parameter.detach().clone()
            parameter.data.mul_(0.7)
            assert not torch.allclose(module(clip), before, rtol=1e-3)
            parameter.data.copy_(old)

    def test_loaded_values_are_used(self):
        """Also those of a set that is not learned here."""
        learned, other = RepresentationFlow(4, learn='all'), RepresentationFlow(4, learn='none')
        learned.sobel.data.mul_(0.7)
        other.load_state_dict(learned.state_dict())
        clip = draw(1, 2, 1, 6, 7)
        assert torch.equal(other(clip), learned(clip))
        assert not torch.allclose(other(clip), RepresentationFlow(4)(clip), rtol=1e-3)

    @pytest.mark.parametrize('mode', MODES)
    def test_gradcheck(self, mode):
        """The logarithms too, inside of their range."""
        module = RepresentationFlow(3, mode=mode, learn='all').double()
        names, values = zip(*module.named_parameters(), strict=True)
        clip = draw(1, 3, 1, 4, 5, dtype=torch.float64)

        def flow(*values):
            parameters = dict(zip(names, values, strict=True))
            return torch.func.functional_call(module, parameters, clip)

        assert gradcheck(flow, [value.detach().requires_grad_() for value in values])

    @pytest.mark.parametrize('sign', [-1, 1])
    def test_constants_stay_in_their_range(self, sign):
        """Whatever a step does; the layer still sees motion, and the way back is open."""
        module, clip = RepresentationFlow(5, learn='hyperparameters'), draw(1, 2, 1, 6, 7)
        optimizer = torch.optim.SGD(module.parameters(), lr=1.0)
        for _ in range(3):
            for parameter in module.parameters():
                parameter.grad = torch.full_like(parameter, sign * 1e3)
            optimizer.step()
        for constant in module.constants().values():
            assert constant.item() == pytest.approx(0.001 if sign > 0 else 10, rel=1e-3)
        flow = module(clip)
        assert flow.isfinite().all()
        assert flow.abs().amax() > 0
        flow.square().sum().backward()
        assert all(parameter.grad.isfinite() for parameter in module.parameters())
        assert all(parameter.grad != 0 for parameter in module.parameters())

    @pytest.mark.parametrize('learn', ['none', 'hyperparameters', 'all'])
    @pytest.mark.parametrize('where', ['', 'backbone.plugins.0.flows.0.'])
    def test_released_constants(self, learn, where):
        """A state dict from before logarithms were learned; less than 0.001 counted as that."""
        module = RepresentationFlow(4, learn=learn)
        released = {k: v.clone() for k, v in module.state_dict().items() if k not in LOGS}
        constants = dict(tau=torch.tensor(0.2), lam=torch.tensor(-0.7), theta=torch.tensor(0.5))
        target = module
        for name in reversed(where.split('.')[:-1]):
            target = nn.ModuleDict({name: target})
        state_dict = {where + name: value for name, value in {**released, **constants}.items()}
        target.load_state_dict(state_dict)
        expected = dict(tau=0.2, lam=0.001, theta=0.5)
        assert {k: v.item() for k, v in module.constants().items()} == pytest.approx(expected)
        assert where + 'tau' in state_dict

    @pytest.mark.parametrize(
        'make', [RepresentationFlow, partial(representation_flow, *pair(1, 1, 4, 4))]
    )
    @pytest.mark.parametrize('name', ['tau', 'lam', 'theta'])
    @pytest.mark.parametrize('value', [0, -0.1, float('nan')])
    def test_constants_above_zero(self, make, name, value):
        with pytest.raises(ValueError, match=f'{name}: expected more than 0, got {value}'):
            make(**{name: value})

    @pytest.mark.parametrize('learn', ['flow', ['divergence', 'tau']])
    def test_unknown_set(self, learn):
        with pytest.raises(ValueError, match="learn: expected 'none', 'all' or some of sobel, div"):
            RepresentationFlow(learn=learn)

    def test_one_frame(self):
        with pytest.raises(ValueError, match=r'clip: expected T >= 2 frames, got .*\(1, 1, 3, 4'):
            RepresentationFlow()(draw(1, 1, 3, 4, 4))

    def test_bfloat16(self):
        """A black clip and a textured one, under autocast."""
        clip = torch.stack([torch.zeros(3, 2, 8, 9), draw(3, 2, 8, 9)]).bfloat16().requires_grad_()
        module = RepresentationFlow(6)
        with torch.autocast('cpu', dtype=torch.bfloat16):
            out = module(clip)
        out.float().square().sum().backward()
        assert out.dtype == torch.bfloat16
        assert clip.grad.isfinite().all()
        assert all(parameter.grad.isfinite().all() for parameter in module.parameters())
        assert F.mse_loss(out[1].float(), module(clip[1:].float())[0]) < 1e-4
