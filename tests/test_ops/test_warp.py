import pytest
import torch
from reference import dcd as reference
from torch.autograd import gradcheck

from mmmotion.ops import displacement_map, warp, warped_difference


def draw(*shape, seed=0):
    return torch.randn(*shape, dtype=torch.float64, generator=torch.Generator().manual_seed(seed))


def same(dx, dy, h, w):
    return torch.tensor([dx, dy]).double().view(1, 2, 1, 1).expand(1, 2, h, w)


class TestWarp:
    @pytest.mark.parametrize('size', [(5, 8), (1, 6), (9, 1)])
    def test_reference(self, size):
        x, displacement = draw(2, 3, *size), 3 * draw(2, 2, *size, seed=1)
        torch.testing.assert_close(warp(x, displacement), reference.warp(x, displacement))

    def test_convention(self):
        """Columns before rows; what moves right and up by (2, -1) is found there."""
        x = draw(1, 3, 6, 9)
        out = warp(x, same(2, -1, 6, 9))
        torch.testing.assert_close(out[..., :-1, 2:], x[..., 1:, :-2])
        assert (out[..., -1, :] == 0).all()  # the source is below the map
        assert (out[..., :2] == 0).all()

    def test_read_where_things_arrive(self):
        x, displacement = torch.zeros(1, 1, 1, 6), torch.zeros(1, 2, 1, 6)
        x[..., 1] = 1
        displacement[:, 0, 0, 4] = 3
        assert warp(x, displacement).flatten().tolist() == pytest.approx(
            [0, 1, 0, 0, 1, 0], abs=1e-6
        )

    def test_half_outside(self):
        out = warp(torch.ones(1, 1, 1, 4), same(0.25, 0, 1, 4).float())
        torch.testing.assert_close(out.flatten(), torch.tensor([0.75, 1, 1, 1]))

    def test_gradcheck(self):
        x, displacement = draw(1, 2, 4, 5).requires_grad_(), draw(1, 2, 4, 5, seed=1)
        assert gradcheck(warp, (x, displacement.requires_grad_()))

    @pytest.mark.parametrize('autocast', [False, True])
    def test_dtype(self, autocast):
        """Coordinates of bfloat16 would be off by a pixel from 256 on."""
        x = draw(1, 1, 1, 400).bfloat16()
        with torch.autocast('cpu', dtype=torch.bfloat16, enabled=autocast):
            out = warp(x, same(1, 0, 1, 400).bfloat16())
        assert out.dtype == torch.bfloat16
        torch.testing.assert_close(out[..., 1:], x[..., :-1], atol=1e-2, rtol=1e-2)

    @pytest.mark.parametrize(
        ('x', 'displacement', 'error', 'match'),
        [
            (
                draw(1, 2, 4, 5),
                draw(1, 2, 5, 4),
                ValueError,
                r'displacement: .*\(1, 2, 4, 5\), got',
            ),
            (draw(2, 4, 5), draw(1, 2, 4, 5), ValueError, r'x: .*\(N, C, H, W\), got \(2, 4, 5\)'),
            (draw(1, 2, 4, 5).int(), draw(1, 2, 4, 5), TypeError, 'x: .*int32'),
        ],
    )
    def test_exception(self, x, displacement, error, match):
        with pytest.raises(error, match=match):
            warp(x, displacement)


class TestWarpedDifference:
    def test_later_minus_earlier(self):
        f1, f2 = draw(1, 3, 4, 5), draw(1, 3, 4, 5, seed=1)
        out = warped_difference(f1, f2, same(0, 0, 4, 5))
        torch.testing.assert_close(out, f2 - f1)

    def test_vanishes_where_a_square_was_and_is(self):
        earlier, later = torch.zeros(1, 4, 16, 20).double(), torch.zeros(1, 4, 16, 20).double()
        texture = draw(1, 4, 6, 6)
        earlier[..., 5:11, 4:10] = texture
        later[..., 4:10, 6:12] = texture
        # Also what the square uncovers takes its displacement: from the ground before it.
        moving = (earlier[:, :1] != 0) | (later[:, :1] != 0)
        displacement = same(2, -1, 16, 20) * moving
        out = warped_difference(earlier, later, displacement)
        assert (later - earlier).abs().max() > 1
        assert out.abs().max() < 1e-9

    def test_found_displacement_explains_a_moving_map(self):
        earlier = draw(1, 16, 20, 26)
        later = earlier.roll((-1, 2), (2, 3))
        found = displacement_map(earlier, later, max_displacement=4)
        inside = warped_difference(earlier, later, found)[..., 3:-4, 6:-4]
        assert inside.abs().max() < 1e-2
        assert (later - earlier)[..., 3:-4, 6:-4].abs().mean() > 1

    def test_exception(self):
        with pytest.raises(ValueError, match=r'f2: .*\(1, 2, 4, 5\), got \(1, 2, 5, 4\)'):
            warped_difference(draw(1, 2, 4, 5), draw(1, 2, 5, 4), draw(1, 2, 4, 5))
