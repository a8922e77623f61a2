"""The iterations of the representation flow on a tile of maps, in fields that are used again.

The innermost axis is that of the maps, so that a neighbour is a slice of whole vectors, and all of
an iteration is done in place: fresh memory for each operation takes twice as long.
"""

import torch
from torch import Tensor
from torch.nn import functional as F

__all__ = ['FlowTile', 'FlowTileGradient']

TINY = 1e-30  # under a root, which has no gradient at 0


class FlowTile:
    """State and problem of a tile; flow is (2, H, W, M), its dual and its slopes (2, 2, H, W, M).

    Of these, x and y come before the component of the flow.

    Args:
        rho: residual at zero flow, (H, W, M).
        h: its change with the flow, (2, H, W, M).
        g: the longest step, (2, H, W, M).
        weights: of the divergence: left, middle, upper and middle pixel.
        kernels: of grad u, (2, 3, 3); None: Sobel's, or forward differences.
        sobel: which of both.
    """

    def __init__(
        self,
        rho: Tensor,
        h: Tensor,
        g: Tensor,
        weights: Tensor,
        kernels: Tensor | None,
        sobel: bool,
    ) -> None:
        self.rho, self.h, self.g, self.kernels = rho, h, g, kernels
        self.hx, self.hy = h.unbind()
        self.left, self.middle_x, self.above, self.middle_y = weights.unbind()
        self.slopes = _choose_slopes(g, kernels, sobel)
        self.u, self.p = self.slopes.u, torch.zeros_like(torch.stack([g, g]))
        self.wish, self.square = torch.empty_like(rho), torch.empty_like(g)
        self.right, self.below = self.u[:, :, 1:], self.u[:, 1:]

    def iterate(self, dual: Tensor | None = None) -> None:
        """Go from a state to the next, whose dual is put into ``dual`` or the place of the old."""
        step = self.find_wish(self.u).clamp_(-1, 1)
        self.u.addcmul_(step, self.g, value=-1)
        px, py = self.p
        self.u.addcmul_(px, self.middle_x)
        self.right.addcmul_(px[:, :, :-1], self.left)
        self.u.addcmul_(py, self.middle_y)
        self.below.addcmul_(py[:, :-1], self.above)
        slopes = self.slopes.gradient()
        scale = self.find_square(slopes).sqrt_().add_(1)
        self.p = torch.add(self.p, slopes, out=self.p if dual is None else dual).div_(scale)

    def find_wish(self, u: Tensor) -> Tensor:
        """Return the step to brightness constancy, in units of the longest one."""
        x, y = u.unbind()
        return torch.addcmul(self.rho, self.hx, x, out=self.wish).addcmul_(self.hy, y)

    def find_square(self, slopes: Tensor) -> Tensor:
        """Return the square of the length of the slopes, (2, H, W, M)."""
        x, y = slopes
        return torch.mul(x, x, out=self.square).addcmul_(y, y)


class FlowTileGradient:
    """Gradients of all that a tile's flow depends on, summed over its iterations.

    Args:
        tile: the tile, in its first state.
        of_weights: the gradient of the weights is added to this, (4,).
        of_kernels: the gradient of the kernels is added to this, (2, 3, 3).
    """

    def __init__(self, tile: FlowTile, of_weights: Tensor, of_kernels: Tensor) -> None:
        self.tile = tile
        self.of_weights, self.of_kernels = of_weights, of_kernels
        # Products of the weights' gradients, summed over the iterations first.
        self.products = tile.g.new_zeros(4, *tile.g.shape)
        self.left, self.middle_x, self.above, self.middle_y = self.products.unbind()
        self.rho, self.h, self.g = map(torch.zeros_like, (tile.rho, tile.h, tile.g))
        self.pull = torch.empty_like(tile.g)

    def run(self, grad: Tensor, num_iters: int) -> None:
        """Run all iterations, then back again; ``grad``, (2, H, W, M), is of the last flow."""
        tile = self.tile
        states = grad.new_zeros(num_iters + 1, 3, *grad.shape)
        for following in states[1:]:
            tile.iterate(following[1:])
            following[0] = tile.u
        of_p = torch.zeros_like(tile.p)
        for index in range(num_iters, 0, -1):
            self.pass_dual(states[index], grad, of_p)
            self.pass_divergence(states[index - 1], grad, of_p)
            self.pass_step(states[index - 1, 0], grad)
        self.of_weights += self.products.flatten(1).sum(1)

    def pass_dual(self, following: Tensor, grad: Tensor, of_p: Tensor) -> None:
        """Differentiate the update of the dual: add to the gradient of the flow that made it."""
        tile = self.tile
        u, p = following[0], following[1:]
        tile.u.copy_(u)
        slopes = tile.slopes.gradient()
        length = tile.find_square(slopes).add_(TINY).sqrt_()
        of_p.div_(torch.add(length, 1, out=self.pull))
        torch.mul(of_p[0], p[0], out=self.pull).addcmul_(of_p[1], p[1]).div_(length)
        torch.addcmul(of_p, self.pull, slopes, value=-1, out=slopes)
        if tile.kernels is not None:
            self.of_kernels += _kernel_gradient(u, *slopes)
        grad.add_(tile.slopes.adjoint(slopes))

    def pass_divergence(self, now: Tensor, grad: Tensor, of_p: Tensor) -> None:
        """Differentiate the divergence: add to the gradients of its weights and of the dual."""
        tile, (_, old_px, old_py), (px, py) = self.tile, now, of_p
        right, below = grad[:, :, 1:], grad[:, 1:]
        self.left[:, :, 1:].addcmul_(right, old_px[:, :, :-1])
        self.middle_x.addcmul_(grad, old_px)
        self.above[:, 1:].addcmul_(below, old_py[:, :-1])
        self.middle_y.addcmul_(grad, old_py)
        px.addcmul_(grad, tile.middle_x)[:, :, :-1].addcmul_(right, tile.left)
        py.addcmul_(grad, tile.middle_y)[:, :-1].addcmul_(below, tile.above)

    def pass_step(self, u: Tensor, grad: Tensor) -> None:
        """Differentiate u - clamp(rho + h u, -1, 1) g."""
        tile = self.tile
        wish = tile.find_wish(u)
        bound = wish.abs() > 1
        self.g.addcmul_(wish.clamp_(-1, 1), grad, value=-1)
        of_wish = torch.mul(grad[0], tile.g[0]).addcmul_(grad[1], tile.g[1])
        of_wish.neg_().masked_fill_(bound, 0)
        self.rho.add_(of_wish)
        self.h.addcmul_(of_wish, u)
        grad.addcmul_(of_wish, tile.h)


def _choose_slopes(
    like: Tensor, kernels: Tensor | None, sobel: bool
) -> '_Sobel | _Forward | _Kernels':
    if kernels is not None:
        return _Kernels(like, kernels)
    return _Sobel(like) if sobel else _Forward(like)


class _Sobel:
    """Sobel's gradients of the flow ``u``, zeros around it.

    Sums of four pixels stand at their common corner; the differences of these along the diagonals
    are half the sum and half the difference of the two gradients.
    """

    def __init__(self, like: Tensor) -> None:
        _, h, w, m = like.shape
        self.padded, self.other = like.new_zeros(2, 2, h + 2, w + 2, m)
        self.u, self.inside = self.padded[:, 1:-1, 1:-1], self.other[:, 1:-1, 1:-1]
        self.rows = like.new_empty(2, h + 1, w + 2, m)
        self.corners = like.new_empty(2, h + 1, w + 1, m)
        self.slopes: Tensor
        self.slopes, (self.falling, self.rising) = like.new_empty(2, 2, *like.shape)

    def gradient(self) -> Tensor:
        """Return the gradients in x and y."""
        self.sum_corners(self.padded)
        falling, rising = self.differ_falling(), self.differ_rising()
        torch.add(falling, rising, out=self.slopes[0])
        torch.sub(falling, rising, out=self.slopes[1])
        return self.slopes

    def adjoint(self, slopes: Tensor) -> Tensor:
        """Return the gradient of ``u`` from those of its gradients."""
        x, y = slopes
        torch.add(x, y, out=self.inside)
        self.sum_corners(self.other)
        falling = self.differ_falling()
        torch.sub(x, y, out=self.inside)
        self.sum_corners(self.other)
        # Each difference is its own adjoint, but for the sign.
        return falling.add_(self.differ_rising()).neg_()

    def sum_corners(self, padded: Tensor) -> None:
        torch.add(padded[:, :-1], padded[:, 1:], out=self.rows)
        torch.add(self.rows[:, :, :-1], self.rows[:, :, 1:], out=self.corners)

    def differ_falling(self) -> Tensor:
        return torch.sub(self.corners[:, 1:, 1:], self.corners[:, :-1, :-1], out=self.falling)

    def differ_rising(self) -> Tensor:
        return torch.sub(self.corners[:, :-1, 1:], self.corners[:, 1:, :-1], out=self.rising)


class _Forward:
    """Forward differences of the flow ``u``, 0 at the last column and row."""

    def __init__(self, like: Tensor) -> None:
        self.u, self.slopes = torch.zeros_like(like), like.new_zeros(2, *like.shape)

    def gradient(self) -> Tensor:
        """Return the gradients in x and y."""
        x, y = self.slopes
        torch.sub(self.u[:, :, 1:], self.u[:, :, :-1], out=x[:, :, :-1])
        torch.sub(self.u[:, 1:], self.u[:, :-1], out=y[:, :-1])
        x[:, :, -1] = 0  # where the backward pass has written
        y[:, -1] = 0
        return self.slopes

    def adjoint(self, slopes: Tensor) -> Tensor:
        """Return the gradient of ``u`` from those of its gradients."""
        x, y, out = slopes[0, :, :, :-1], slopes[1, :, :-1], torch.zeros_like(self.u)
        out[:, :, 1:].add_(x)
        out[:, :, :-1].sub_(x)
        out[:, 1:].add_(y)
        out[:, :-1].sub_(y)
        return out


class _Kernels:
    """Gradients of the flow ``u`` by kernels (2, 3, 3) of one's own, zeros around it."""

    def __init__(self, like: Tensor, kernels: Tensor) -> None:
        self.u, self.kernels = torch.zeros_like(like), kernels

    def gradient(self) -> Tensor:
        """Return the gradients in x and y."""
        return torch.stack([_correlate(self.u, kernel) for kernel in self.kernels])

    def adjoint(self, slopes: Tensor) -> Tensor:
        """Return the gradient of ``u`` from those of its gradients."""
        turned = self.kernels.flip(1, 2)
        return _correlate(slopes[0], turned[0]) + _correlate(slopes[1], turned[1])


def _correlate(u: Tensor, kernel: Tensor) -> Tensor:
    """Correlate every map of (2, H, W, M) with a 3x3 kernel, padded with zeros."""
    maps = u.movedim(-1, 1)
    weight = kernel.expand(maps.shape[1], 1, 3, 3).contiguous()
    slope = F.conv2d(maps, weight, padding=1, groups=maps.shape[1])
    last: Tensor = slope.movedim(1, -1).contiguous()
    return last


def _kernel_gradient(u: Tensor, x: Tensor, y: Tensor) -> Tensor:
    """Return the gradients (2, 3, 3) of kernels from those, x and y, of what they made of ``u``."""
    h, w = u.shape[1:3]
    padded, slopes = F.pad(u, (0, 0, 1, 1, 1, 1)), torch.stack([x, y]).flatten(1)
    taps = [padded[:, i : i + h, j : j + w].flatten() for i in range(3) for j in range(3)]
    return torch.stack([slopes @ tap for tap in taps], dim=1).view(2, 3, 3)
