"""3D convolutions in bfloat16 of clips that are shorter than their filters."""

import pytest
import torch
from torch import nn
from torch.nn import functional as F

import mmmotion  # noqa: F401


def gradients(conv, clip, seen=None):
    """Return output and gradients, by autocast or in float32 by the plain function."""
    clip = clip.detach().requires_grad_()
    conv.zero_grad()
    if seen is None:
        out = F.conv3d(clip, conv.weight, conv.bias, conv.stride, conv.padding, conv.dilation)
    else:
        with torch.autocast('cpu', dtype=seen):
            out = conv(clip)
    torch.manual_seed(2)
    out.backward(torch.randn(out.shape).to(out.dtype))
    return [value.float() for value in (out.detach(), clip.grad, conv.weight.grad, conv.bias.grad)]


@pytest.mark.parametrize(
    ('kernel', 'padding', 'options', 'length'),
    [
        (3, 1, {}, 1),
        (3, 1, {}, 2),
        (3, 1, dict(stride=(1, 2, 2)), 2),
        (3, 2, dict(dilation=2), 4),
        (5, 2, dict(stride=2), 4),
        ((7, 3, 3), (3, 1, 1), {}, 5),
        (3, 1, {}, 3),  # long enough
    ],
)
def test_gradients(kernel, padding, options, length):
    torch.manual_seed(1)
    conv = nn.Conv3d(32, 16, kernel, padding=padding, **options)
    clip = torch.randn(3, 32, length, 7, 8)
    for found, expected in zip(
        gradients(conv, clip, torch.bfloat16), gradients(conv, clip), strict=True
    ):
        assert (found - expected).norm() < 0.01 * expected.norm()


def test_float32_is_left_alone():
    conv, clip = nn.Conv3d(2, 3, 3, padding=1), torch.randn(1, 2, 2, 5, 6)
    assert torch.equal(conv(clip), F.conv3d(clip, conv.weight, conv.bias, padding=1))


def test_other_paddings():
    """Of names and of other modes PyTorch takes care itself."""
    clip = torch.randn(1, 2, 2, 5, 6)
    for options in (dict(padding='same'), dict(padding=1, padding_mode='replicate')):
        conv = nn.Conv3d(2, 3, 3, **options)
        with torch.autocast('cpu', dtype=torch.bfloat16), torch.no_grad():
            assert conv(clip).shape == (1, 3, 2, 5, 6)
