"""The block of representation flow against its parts; H != W, T != C."""

import pytest
import torch
from torch.nn import functional as F

import mmmotion  # noqa: F401
from mmmotion.registry import MODELS


def build(**kwargs):
    torch.manual_seed(0)
    settings = dict(in_channels=6, channels=4, flow=dict(num_iters=3, mode='tvl1'))
    return MODELS.build(dict(type='RepFlowBlock', **{**settings, **kwargs})).eval()


@pytest.fixture(scope='module')
def clip():
    return torch.randn(2, 5, 6, 8, 10, generator=torch.Generator().manual_seed(1))


def by_hand(block, clip, frame):
    """The flow from a frame to the next, back in C channels."""
    maps = torch.stack([F.conv2d(f, block.reduce.weight, block.reduce.bias) for f in clip])
    flow = block.flows[0](maps)[:, frame]
    conv = block.expand[0]
    return F.conv2d(flow, conv.weight, conv.bias, padding=1)


class TestRepFlowBlock:
    def test_none(self, clip):
        block = build()
        out = block(clip)
        assert out.shape == (2, 4, 6, 8, 10)
        torch.testing.assert_close(out[:, 2], by_hand(block, clip, 2), atol=1e-5, rtol=1e-4)
        shapes = {name: tuple(p.shape) for name, p in block.named_parameters() if 'weight' in name}
        assert shapes == {'reduce.weight': (4, 6, 1, 1), 'expand.0.weight': (6, 8, 3, 3)}

    @pytest.mark.parametrize('fusion', ['add', 'multiply', 'layer_multiply', 'concat'])
    def test_fusion(self, clip, fusion):
        """Flow t is fused with the features of frame t."""
        block = build(fusion=fusion)
        flow, features, layer = by_hand(block, clip, 1), clip[:, 1], block.fuse.layer
        expected = dict(
            add=lambda: features + flow,
            multiply=lambda: features * flow,
            layer_multiply=lambda: layer(features) * flow,
            concat=lambda: layer(torch.cat([features, flow], dim=1)),
        )[fusion]()
        torch.testing.assert_close(block(clip)[:, 1], expected, atol=1e-5, rtol=1e-4)

    def test_last_frame(self, clip):
        dropped = build()(clip)
        repeated, zero = build(last_frame='repeat')(clip), build(last_frame='zero')(clip)
        assert torch.equal(repeated[:, :4], dropped)
        assert torch.equal(zero[:, :4], dropped)
        assert torch.equal(repeated[:, 4], dropped[:, 3])
        assert (zero[:, 4] == 0).all()

    @pytest.mark.parametrize(
        ('kwargs', 'widths', 'convs'),
        [
            (dict(num_flows=2, conv_between=False), 16, 0),  # flow-of-flow: x and y of x and y
            (dict(num_flows=2), 8, 1),
            (dict(num_flows=3), 8, 2),
        ],
    )
    def test_stacks(self, clip, kwargs, widths, convs):
        """Each flow takes a frame; between them stand convolutions, or nothing (Table 5)."""
        block = build(**kwargs)
        assert block(clip).shape == (2, 5 - kwargs['num_flows'], 6, 8, 10)
        assert block.expand[0].in_channels == widths
        assert len(block.convs) == convs
        assert build(last_frame='repeat', **kwargs)(clip).shape == clip.shape

    def test_every_parameter_learns(self, clip):
        block = build(num_flows=2, fusion='concat', norm=True).train()
        block(clip).square().sum().backward()
        grads = {name: p.grad.abs().amax().item() for name, p in block.named_parameters()}
        still = [name for name, grad in grads.items() if not grad > 0]
        # What is scaled to 0..255 has no use for a bias.
        assert still in ([], ['expand.0.bias'])

    def test_clips_are_independent(self, clip):
        block = build()
        torch.testing.assert_close(block(clip)[1:], block(clip[1:]), atol=1e-5, rtol=1e-4)

    def test_features_themselves(self, clip):
        block = build(channels=None, out_channels=3)
        assert block(clip).shape == (2, 4, 3, 8, 10)
        assert block.expand[0].in_channels == 12

    @pytest.mark.parametrize(
        ('kwargs', 'match'),
        [
            (dict(fusion='late'), "fusion: expected one of none, add, .*, got 'late'"),
            (dict(last_frame='keep'), "last_frame: expected one of drop, .*, got 'keep'"),
            (dict(num_flows=0), 'num_flows: expected an integer of at least 1, got 0'),
            (dict(fusion='add', out_channels=4), 'out_channels: expected 6, .*, got 4'),
        ],
    )
    def test_settings(self, kwargs, match):
        with pytest.raises(ValueError, match=match):
            build(**kwargs)

    def test_too_few_frames(self, clip):
        with pytest.raises(ValueError, match=r'clip: expected .* more than 2 frames, got \(2, 2'):
            build(num_flows=2)(clip[:, :2])
