from pathlib import Path

import numpy as np
import pytest
import torch
from reference import pan as reference
from torch.autograd import gradcheck
from torch.utils.flop_counter import FlopCounterMode

from mmmotion.ops import (
    RELEASED_OFFSET,
    PersistenceOfAppearance,
    attend_persistence,
    persistence_of_appearance,
)

GOLDEN = Path(__file__).parents[1] / 'data' / 'pan_modules.npz'


def draw(*shape, seed=0, dtype=torch.float32):
    return torch.randn(*shape, dtype=dtype, generator=torch.Generator().manual_seed(seed))


def relative(out, expected):
    return ((out - expected).norm() / expected.norm()).item()


class TestPersistenceOfAppearance:
    def test_smoke(self):
        out = persistence_of_appearance(draw(2, 4, 3, 14, 20), draw(8, 3, 7, 7))
        assert out.isfinite().all()
        assert (out > 0).all()

    @pytest.mark.parametrize('size', [(1, 1), (5, 9), (15, 22), (16, 24), (17, 23), (18, 21)])
    @pytest.mark.parametrize('filters', [(8, 3, 7, 7), (5, 3, 3, 5), (1, 3, 1, 1), None])
    @pytest.mark.parametrize('frames', [2, 5])
    def test_shape(self, size, filters, frames):
        weight = None if filters is None else draw(*filters)
        out = persistence_of_appearance(draw(2, frames, 3, *size), weight)
        assert out.shape == (2, frames - 1, *size)

    @pytest.mark.parametrize(
        ('clip', 'weight', 'error', 'match'),
        [
            (torch.zeros(1, 2, 3, 8, 8, dtype=torch.uint8), None, TypeError, 'clip: .*uint8'),
            (np.zeros((1, 2, 3, 8, 8)), None, TypeError, 'clip: .*ndarray'),
            (draw(2, 3, 8, 8), None, ValueError, r'clip: .*\(N, m, C, H, W\), got \(2, 3, 8, 8\)'),
            (draw(1, 2, 4, 8, 8), draw(8, 3, 7, 7), ValueError, r'weight: .*\(F, 4, kh, kw\), got'),
            (draw(1, 1, 3, 8, 8), None, ValueError, r'clip: .*m >= 2 .*\(1, 1, 3, 8, 8\)'),
            (draw(1, 2, 3, 8, 8), draw(8, 4, 7, 7), ValueError, r'weight: .*got \(8, 4, 7, 7\)'),
            (draw(1, 2, 3, 8, 8), draw(8, 147), ValueError, r'weight: .*got \(8, 147\)'),
            (draw(1, 2, 3, 8, 8), draw(8, 3, 7, 6), ValueError, r'weight: .*odd.*\(8, 3, 7, 6\)'),
            (draw(1, 2, 3, 8, 8), torch.ones(8, 3, 7, 7).int(), TypeError, 'weight: .*int32'),
        ],
    )
    def test_exception(self, clip, weight, error, match):
        with pytest.raises(error, match=match):
            persistence_of_appearance(clip, weight)

    @pytest.mark.parametrize('filters', [(8, 3, 7, 7), (3, 3, 5, 3)])
    @pytest.mark.parametrize('size', [(16, 24), (17, 23), (18, 21)])
    def test_reference(self, filters, size):
        clip, weight = draw(3, 4, 3, *size), draw(*filters, seed=1)
        out = persistence_of_appearance(clip, weight)
        bias = draw(filters[0], seed=2, dtype=torch.float64)
        expected = reference.persistence_of_appearance(clip.double(), weight.double(), bias, 0)
        assert relative(out, expected) < 1e-6

    @pytest.mark.parametrize(('stacks', 'frames'), [(1, 2), (9, 2), (5, 4), (2, 8)])
    @pytest.mark.parametrize('threads', [1, 2])
    def test_blocks(self, stacks, frames, threads):
        # Stacks and pairs of frames are computed in blocks, the last of which may be smaller.
        clip, weight = draw(stacks, frames, 3, 12, 15), draw(8, 3, 7, 7, seed=1)
        clip[-1, -1] = float('nan')
        before = torch.get_num_threads()
        torch.set_num_threads(threads)
        out = persistence_of_appearance(clip, weight)
        torch.set_num_threads(before)
        expected = reference.persistence_of_appearance(clip.double(), weight.double(), offset=0)
        assert torch.allclose(out.double(), expected, rtol=1e-5, equal_nan=True)

    def test_reference_pixels(self):
        clip = draw(2, 4, 3, 9, 13)
        expected = reference.persistence_of_pixels(clip.double())
        assert relative(persistence_of_appearance(clip), expected) < 1e-6

    def test_reference_released(self):
        shapes = {'shallow_conv.weight': (8, 3, 7, 7), 'shallow_conv.bias': (8,)}
        weights = reference.fill(shapes)
        module = PersistenceOfAppearance(offset=RELEASED_OFFSET)
        module.load_state_dict({key.replace('shallow_', ''): weights[key] for key in shapes})
        frames = np.random.RandomState(3).standard_normal((10, 3, 17, 23)).astype('f4')
        out = module(torch.from_numpy(frames).view(2, 5, 3, 17, 23))
        assert relative(out, torch.from_numpy(np.load(GOLDEN)['pa_m5'])) < 1e-6

    def test_released_offset(self):
        # Small features, as freshly initialised filters give, where 1e-6 shows.
        clip, weight = draw(1, 3, 3, 12, 10).double(), 1e-6 * draw(8, 3, 7, 7).double()
        expected = reference.persistence_of_appearance(clip, weight)
        out = persistence_of_appearance(clip, weight, eps=0, offset=RELEASED_OFFSET)
        assert relative(out, expected) < 1e-12
        assert relative(persistence_of_appearance(clip, weight, eps=0), expected) > 1e-3
        raw = persistence_of_appearance(1e-6 * clip, eps=0, offset=0.5)
        assert torch.allclose(raw, torch.tensor(0.75, dtype=raw.dtype).sqrt(), atol=1e-5)

    def test_convention(self):
        clip = torch.zeros(1, 4, 3, 9, 14)
        clip[:, 1:, 0, 2, 11] = 1  # row 2, column 11 lights up between the frames 0 and 1 ...
        clip[:, 3:, 0, 2, 11] = 3  # ... and gains 2 between the frames 2 and 3.
        weight = torch.zeros(1, 3, 7, 7)
        weight[0, 0, 3, 5] = 2  # looks two columns to the right
        expected = torch.zeros(1, 3, 9, 14)
        expected[0, :, 2, 9] = torch.tensor([2.0, 0.0, 4.0])
        assert torch.allclose(persistence_of_appearance(clip, weight), expected, atol=1e-6)

    def test_sign(self):
        clip = torch.zeros(1, 2, 3, 1, 1)
        clip[:, 1] = 1
        out = persistence_of_appearance(clip, offset=1)  # later minus earlier: 1 + 1 in 3 channels
        assert out.item() == pytest.approx(12**0.5)

    @pytest.mark.parametrize('filters', [(3, 3, 3, 5), None])
    @pytest.mark.parametrize('size', [(3, 4), (5, 7)])
    def test_gradcheck(self, filters, size):
        clip = draw(1, 3, 3, *size, dtype=torch.float64).requires_grad_()
        if filters is None:
            assert gradcheck(persistence_of_appearance, (clip,))
            return
        weight = draw(*filters, dtype=torch.float64).requires_grad_()
        assert gradcheck(persistence_of_appearance, (clip, weight), fast_mode=True)
        assert gradcheck(lambda w: persistence_of_appearance(clip.detach(), w), (weight,))

    @pytest.mark.parametrize('dtype', [torch.bfloat16, torch.float16])
    def test_dtype(self, dtype):
        clip, weight = draw(2, 3, 3, 12, 18), draw(8, 3, 7, 7)
        out = persistence_of_appearance(clip.to(dtype), weight.to(dtype))
        assert out.dtype == dtype
        assert relative(out.float(), persistence_of_appearance(clip, weight)) < 2e-2
        large = persistence_of_appearance(200 * clip.to(dtype), weight.to(dtype))
        assert large.isfinite().all()

    def test_autocast(self):
        clip, weight = draw(2, 3, 3, 12, 18), draw(8, 3, 7, 7).requires_grad_()
        with torch.autocast('cpu', dtype=torch.bfloat16):
            out = persistence_of_appearance(clip, weight)
        out.sum().backward()
        assert out.dtype == torch.float32
        assert relative(out, persistence_of_appearance(clip, weight)) < 2e-2
        assert weight.grad.dtype == torch.float32
        assert weight.grad.isfinite().all()

    @pytest.mark.parametrize('dtype', [torch.float32, torch.float64, torch.bfloat16])
    @pytest.mark.parametrize('autocast', [False, True])
    @pytest.mark.parametrize('value', [0.0, 1.0, -123.0])
    @pytest.mark.parametrize('raw', [False, True])
    def test_static_clip(self, dtype, autocast, value, raw):
        clip = torch.full((2, 3, 3, 10, 12), value, dtype=dtype, requires_grad=True)
        weight = draw(8, 3, 7, 7, dtype=dtype).requires_grad_()
        with torch.autocast('cpu', dtype=torch.bfloat16, enabled=autocast):
            out = persistence_of_appearance(clip, None if raw else weight)
        (100 * out).sum().backward()
        assert (out <= 1.01e-7).all()
        assert (clip.grad == 0).all()
        assert raw or (weight.grad == 0).all()

    @pytest.mark.parametrize('clip_grad', [False, True])
    @pytest.mark.parametrize('size', [(16, 20), (17, 23)])
    def test_gradient_reference(self, clip_grad, size):
        clip, weight = draw(2, 3, 3, *size).requires_grad_(clip_grad), draw(8, 3, 7, 7, seed=1)
        scale = draw(2, 2, *size, seed=2)
        wide = (clip.detach().double().requires_grad_(), weight.double().requires_grad_())
        weight.requires_grad_()
        (scale * persistence_of_appearance(clip, weight)).sum().backward()
        (scale * reference.persistence_of_appearance(*wide, offset=0)).sum().backward()
        assert relative(weight.grad, wide[1].grad) < 1e-5
        assert not clip_grad or relative(clip.grad, wide[0].grad) < 1e-5

    def test_memory_format(self):
        clip, weight = draw(2, 4, 3, 16, 24), draw(8, 3, 7, 7)
        expected = persistence_of_appearance(clip, weight)
        last = clip.flatten(0, 1).to(memory_format=torch.channels_last).view(2, 4, 3, 16, 24)
        assert relative(persistence_of_appearance(last, weight), expected) < 1e-6
        strided = draw(2, 4, 16, 24, 3).permute(0, 1, 4, 2, 3)
        out = persistence_of_appearance(strided, weight)
        assert relative(out, persistence_of_appearance(strided.contiguous(), weight)) < 1e-6

    def test_compile(self):
        torch._dynamo.reset()
        clip, weight = draw(2, 4, 3, 16, 24), draw(8, 3, 7, 7)
        compiled = torch.compile(persistence_of_appearance)
        assert relative(compiled(clip, weight), persistence_of_appearance(clip, weight)) < 1e-6

    def test_operator(self):
        arguments = (draw(2, 3, 3, 9, 12), draw(8, 3, 7, 7).requires_grad_(), 1e-14, 0.5)
        torch.library.opcheck(torch.ops.mmmotion.persistence_cpu.default, arguments)

    def test_counted(self):
        clip, weight = draw(2, 3, 3, 9, 12), draw(8, 3, 7, 7).requires_grad_()
        with FlopCounterMode(display=False) as counter:
            out = persistence_of_appearance(clip, weight)
        once = 2 * 2 * 2 * 9 * 12 * 8 * 147
        assert counter.get_total_flops() == once
        with counter:
            out.sum().backward()
        assert counter.get_total_flops() == 2 * once

    def test_export(self):
        # Other runtimes know no operator of ours: they get a convolution.
        module, clip = PersistenceOfAppearance(init_std=1), draw(2, 3, 3, 9, 12)
        program = torch.export.export(module, (clip,))
        assert 'mmmotion' not in str(program.graph)
        assert relative(program.module()(clip), module(clip)) < 1e-6

    def test_module(self):
        module = PersistenceOfAppearance()
        assert sum(parameter.numel() for parameter in module.parameters()) == 1184
        assert set(module.state_dict()) == {'conv.weight', 'conv.bias'}
        assert module.conv.weight.std().item() == pytest.approx(0.001, rel=0.1)
        assert (module.conv.bias == 0).all()
        clip = draw(2, 4, 3, 12, 16)
        expected = persistence_of_appearance(clip, module.conv.weight)
        torch.nn.init.normal_(module.conv.bias)
        assert torch.equal(module(clip), expected)
        with pytest.raises(ValueError, match='kernel_size: .*odd.* 4'):
            PersistenceOfAppearance(kernel_size=4)

    def test_module_gradients(self):
        module = PersistenceOfAppearance()
        module(draw(2, 4, 3, 12, 16)).sum().backward()
        assert module.conv.weight.grad.abs().sum() > 0
        assert (module.conv.bias.grad == 0).all()  # it takes part: distributed training needs that


class TestVariants:
    """The paper's ablations: depth of the features (Fig. 2B), encodings (Table I)."""

    @pytest.mark.parametrize('depth', [1, 2, 4, 8])
    def test_depth(self, depth):
        torch.manual_seed(0)
        module = PersistenceOfAppearance(depth=depth, init_std=0.1).double()
        convs = [layer for layer in module.modules() if isinstance(layer, torch.nn.Conv2d)]
        convs = sorted(convs, key=lambda conv: conv is module.conv)
        for conv in convs:
            torch.nn.init.normal_(conv.bias)
        clip = draw(2, 3, 3, 9, 12).double()
        weights, biases = [c.weight for c in convs], [c.bias for c in convs]
        features = reference.deep_features(clip, weights, biases)
        assert len(convs) == depth
        assert relative(module(clip), (features[:, 1:] - features[:, :-1]).norm(dim=2)) < 1e-10

    def test_depth_zero_compares_pixels(self):
        module, clip = PersistenceOfAppearance(depth=0), draw(2, 3, 3, 9, 12)
        assert list(module.parameters()) == []
        assert relative(module(clip), reference.persistence_of_pixels(clip)) < 1e-6

    @pytest.mark.parametrize('depth', [1, 2])
    def test_e2(self, depth):
        torch.manual_seed(0)
        module = PersistenceOfAppearance(depth=depth, encoding='e2', init_std=0.1)
        convs = [*(block[0] for block in module.lower), module.conv]
        for conv in convs:
            torch.nn.init.normal_(conv.bias)
        clip = draw(2, 4, 3, 9, 12)
        features = reference.deep_features(clip, [c.weight for c in convs], [c.bias for c in convs])
        assert relative(module(clip), reference.attended_appearance(features)) < 1e-5
        assert sum(p.numel() for p in PersistenceOfAppearance(encoding='e2').parameters()) == 1184

    def test_e2_of_pixels(self):
        module, clip = PersistenceOfAppearance(depth=0, encoding='e2'), draw(2, 3, 3, 9, 12)
        assert relative(module(clip), reference.attended_appearance(clip)) < 1e-6

    @pytest.mark.parametrize('encoding', ['e1', 'e2'])
    def test_gradients_reach_every_parameter(self, encoding):
        module = PersistenceOfAppearance(depth=3, encoding=encoding, init_std=0.1)
        module(draw(2, 3, 3, 9, 12)).sum().backward()
        assert all(p.grad is not None and p.grad.isfinite().all() for p in module.parameters())
        assert module.lower[0][0].weight.grad.abs().sum() > 0

    @pytest.mark.parametrize('depth', [0, 1, 2, 8])
    @pytest.mark.parametrize('encoding', ['e1', 'e2'])
    def test_static_clip_in_bfloat16(self, depth, encoding):
        module = PersistenceOfAppearance(depth=depth, encoding=encoding, init_std=0.1)
        with torch.autocast('cpu', dtype=torch.bfloat16):
            out = module(torch.ones(1, 3, 3, 8, 9))
        assert out.isfinite().all()
        if depth:
            out.sum().backward()
            assert all(p.grad.isfinite().all() for p in module.parameters())

    @pytest.mark.parametrize('seed', range(3))
    def test_deep_features_keep_their_size(self, seed):
        """A deep PA that vanishes or explodes could not be compared with a shallow one."""
        torch.manual_seed(seed)
        clip = draw(2, 3, 3, 24, 24)
        sizes = [PersistenceOfAppearance(depth=d, init_std=0.1)(clip).mean() for d in (1, 8)]
        assert 0.1 < sizes[1] / sizes[0] < 10

    @pytest.mark.parametrize('depth', [1, 2, 3])
    def test_first_convolution_is_drawn_with_init_std(self, depth):
        """Also where the others have as many input channels as it."""
        module = PersistenceOfAppearance(num_filters=3, depth=depth, init_std=1e-3)
        convs = [*(layer[0] for layer in module.lower), module.conv]
        stds = [conv.weight.std().item() for conv in convs]
        assert stds[0] == pytest.approx(1e-3, rel=0.2)
        assert stds[1:] == pytest.approx([(2 / (3 * 49)) ** 0.5] * (depth - 1), rel=0.2)

    def test_attention_gradcheck(self):
        maps = draw(1, 2, 3, 4, dtype=torch.float64).requires_grad_()
        features = draw(1, 2, 5, 3, 4, dtype=torch.float64).requires_grad_()
        assert gradcheck(attend_persistence, (maps, features))

    @pytest.mark.parametrize(
        ('settings', 'match'),
        [
            (dict(depth=-1), 'depth: .* got -1'),
            (dict(encoding='e3'), "encoding: expected one of e1, e2, got 'e3'"),
        ],
    )
    def test_exception(self, settings, match):
        with pytest.raises(ValueError, match=match):
            PersistenceOfAppearance(**settings)

    def test_frames_are_rgb(self):
        with pytest.raises(ValueError, match=r'clip: .*\(N, m, 3, H, W\), got \(1, 2, 4, 8, 8\)'):
            PersistenceOfAppearance()(draw(1, 2, 4, 8, 8))
