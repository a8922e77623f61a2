import pytest
import torch
from torch import nn
from torch.export import Dim, export

from mmmotion.ops.shapes import (
    adjacent_frames,
    each_frame,
    fold_time,
    to_ncthw,
    to_ntchw,
    unfold_time,
)


@pytest.fixture
def clip():
    """Two clips of five frames, (N, T, C, H, W), every value another."""
    return torch.arange(2 * 5 * 3 * 4 * 6.0).view(2, 5, 3, 4, 6)


def test_fold_time(clip):
    frames = fold_time(clip)
    assert frames.shape == (10, 3, 4, 6)
    assert torch.equal(frames[7], clip[1, 2])
    assert frames.data_ptr() == clip.data_ptr()


def test_unfold_time(clip):
    assert torch.equal(unfold_time(fold_time(clip), 5), clip)
    assert unfold_time(torch.zeros(0, 3, 4, 6), 5).shape == (0, 5, 3, 4, 6)


def test_each_frame(clip):
    conv = nn.Conv2d(3, 2, 3, stride=2)
    out = each_frame(conv, clip)
    assert out.shape == (2, 5, 2, 1, 2)
    assert torch.allclose(out[1, 3], conv(clip[1, 3]), atol=1e-4)
    pooled = each_frame(lambda frames: frames.mean((2, 3)), clip)
    assert torch.allclose(pooled, clip.mean((3, 4)))


def test_adjacent_frames(clip):
    earlier, later = adjacent_frames(clip)
    assert torch.equal(earlier[1, 2], clip[1, 2])
    assert torch.equal(later[1, 2], clip[1, 3])
    assert earlier.shape == later.shape == (2, 4, 3, 4, 6)


def test_order_of_axes(clip):
    """Frame 2 of channel 1, in both orders; with and without an axis of several clips."""
    moved = to_ncthw(clip)
    assert moved.shape == (2, 3, 5, 4, 6)
    assert torch.equal(moved[:, 1, 2], clip[:, 2, 1])
    assert moved.data_ptr() == clip.data_ptr()
    assert torch.equal(to_ntchw(moved), clip)
    assert torch.equal(to_ncthw(clip[None]), moved[None])
    assert torch.equal(to_ncthw(clip[0]), moved[0])


class Network(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(3, 2, 3)

    def forward(self, clip):
        features = each_frame(self.conv, to_ntchw(clip))
        return to_ncthw(unfold_time(fold_time(features), features.shape[1]))


def test_export(clip):
    """The number of clips stays open."""
    network = Network()
    program = export(network, (to_ncthw(clip),), dynamic_shapes=({0: Dim('batch', min=2)},))
    more = torch.rand(7, 3, 5, 4, 6)
    assert torch.allclose(program.module()(more), network(more), atol=1e-6)


@pytest.mark.parametrize('num_frames', [2, 3, 5])
def test_adjacent_frames_gradcheck(num_frames):
    """One backward pass serves both slices, whichever of them is used, and twice."""
    clip = torch.randn(2, num_frames, 3, dtype=torch.float64, requires_grad=True)
    assert torch.autograd.gradcheck(adjacent_frames, clip)
    assert torch.autograd.gradcheck(lambda x: adjacent_frames(x)[0], clip)
    assert torch.autograd.gradgradcheck(adjacent_frames, clip)
    earlier, later = adjacent_frames(clip)
    assert earlier.data_ptr() == clip.data_ptr()  # views
    assert torch.equal(earlier, clip[:, :-1])
    assert torch.equal(later, clip[:, 1:])
