"""The iterations of the representation flow on a tile of maps, in fields that are used again.

The innermost axis is that of the M maps, so that a neighbour is a slice of whole vectors, and all
of an iteration is done in place: fresh memory for each operation takes twice as long.
"""

import torch
from torch import Tensor
from torch.nn import functional as F

__all__ = ['FlowTile', 'FlowTileGradient']

TINY = 1e-30  # under a root, which has no gradient at 0


class FlowTile:
    """State and problem of a tile of maps.

    The state is the flow ``u``, (2, H, W, M): its x and its y. To each belongs a dual of two
    components: ``p``, (2, 2, H, W, M), whose first axis is the direction of a derivative, and
    whose second axis is which component of the flow is differentiated. Slopes of the flow have
    the same axes.

    Args:
        rho: residual at zero flow, (H, W, M).
        h: its change with the flow, (2, H, W, M).
        g: the longest step, (2, H, W, M).
        weights: of the divergence: left, middle, upper and middle pixel, (4,).
        kernels: of the slopes, (2, 3, 3); None: those of the mode.
        mode: ``'paper'``: slopes are by Sobel's kernels; ``'tvl1'``: they are forward differences.
    """

    def __init__(
        self,
        rho: Tensor,
        h: Tensor,
        g: Tensor,
        weights: Tensor,
        kernels: Tensor | None,
        mode: str,
    ) -> None:
        self.rho = rho
        self.h = h
        self.hx, self.hy = h.unbind()
        self.g = g
        self.left, self.middle_x, self.above, self.middle_y = weights.unbind()
        self.kernels = kernels
        self.slopes: _Kernels | _Sobel | _Forward
        if kernels is not None:
            self.slopes = _Kernels(g, kernels)
        elif mode == 'paper':
            self.slopes = _Sobel(g)
        else:
            self.slopes = _Forward(g)
        self.u = self.slopes.u
        self.right = self.u[:, :, 1:]  # all pixels with a neighbour on their left
        self.below = self.u[:, 1:]  # all pixels with a neighbour above
        self.p = g.new_zeros(2, *g.shape)
        self.wish = torch.empty_like(rho)
        self.square = torch.empty_like(g)

    def iterate(self, dual: Tensor | None = None) -> None:
        """Go from a state to the next.

        Args:
            dual: where the next dual is put, (2, 2, H, W, M); None: in the place of the old one.
        """
        step = self.find_wish(self.u).clamp_(-1, 1)
        self.u.addcmul_(step, self.g, value=-1)
        # Add the divergence of the dual, in x and in y.
        px, py = self.p
        self.u.addcmul_(px, self.middle_x)
        self.right.addcmul_(px[:, :, :-1], self.left)
        self.u.addcmul_(py, self.middle_y)
        self.below.addcmul_(py[:, :-1], self.above)
        # p becomes (p + grad u) / (1 + |grad u|).
        slopes = self.slopes.gradient()
        scale = self.find_square(slopes).sqrt_().add_(1)
        out = self.p if dual is None else dual
        self.p = torch.add(self.p, slopes, out=out).div_(scale)

    def find_wish(self, u: Tensor) -> Tensor:
        """Return the step to brightness constancy from ``u``, in units of the longest step."""
        x, y = u.unbind()
        torch.addcmul(self.rho, self.hx, x, out=self.wish)
        return self.wish.addcmul_(self.hy, y)

    def find_square(self, slopes: Tensor) -> Tensor:
        """Return the square of the length of the slopes, (2, H, W, M)."""
        x, y = slopes
        torch.mul(x, x, out=self.square)
        return self.square.addcmul_(y, y)


class FlowTileGradient:
    """Gradients of all that a tile's flow depends on, summed over its iterations.

    Args:
        tile: the tile, in its first state.
        of_weights: the gradient of the weights is added to this, (4,).
        of_kernels: the gradient of the kernels is added to this, (2, 3, 3).
    """

    def __init__(self, tile: FlowTile, of_weights: Tensor, of_kernels: Tensor) -> None:
        self.tile = tile
        self.of_weights = of_weights
        self.of_kernels = of_kernels
        # The products whose sum is the weights' gradient, added up over the iterations first.
        self.products = tile.g.new_zeros(4, *tile.g.shape)
        self.left, self.middle_x, self.above, self.middle_y = self.products.unbind()
        self.rho = torch.zeros_like(tile.rho)
        self.h = torch.zeros_like(tile.h)
        self.g = torch.zeros_like(tile.g)
        self.pull = torch.empty_like(tile.g)

    def run(self, grad: Tensor, num_iters: int) -> None:
        """Run all iterations, then back again.

        Args:
            grad: the gradient of the last flow, (2, H, W, M), which is overwritten.
            num_iters: the number of iterations.
        """
        tile = self.tile
        states = grad.new_zeros(num_iters + 1, 3, *grad.shape)  # u, p in x, p in y
        for following in states[1:]:
            tile.iterate(following[1:])
            following[0] = tile.u
        of_p = torch.zeros_like(tile.p)
        for index in range(num_iters, 0, -1):
            now, following = states[index - 1], states[index]
            self.pass_dual(following, grad, of_p)
            self.pass_divergence(now, grad, of_p)
            self.pass_step(now[0], grad)
        self.of_weights += self.products.flatten(1).sum(1)

    def pass_dual(self, following: Tensor, grad: Tensor, of_p: Tensor) -> None:
        """Differentiate the update of the dual: add to the gradient of the flow that made it."""
        tile = self.tile
        u, p = following[0], following[1:]
        tile.u.copy_(u)
        slopes = tile.slopes.gradient()
        length = tile.find_square(slopes).add_(TINY).sqrt_()
        torch.add(length, 1, out=self.pull)
        of_p.div_(self.pull)
        # The gradient of the length of the slopes, divided by it.
        torch.mul(of_p[0], p[0], out=self.pull)
        self.pull.addcmul_(of_p[1], p[1]).div_(length)
        torch.addcmul(of_p, self.pull, slopes, value=-1, out=slopes)
        if tile.kernels is not None:
            self.of_kernels += _kernel_gradient(u, slopes)
        grad.add_(tile.slopes.adjoint(slopes))

    def pass_divergence(self, now: Tensor, grad: Tensor, of_p: Tensor) -> None:
        """Differentiate the divergence: add to the gradients of its weights and of the dual."""
        tile = self.tile
        right = grad[:, :, 1:]
        below = grad[:, 1:]
        old_px, old_py = now[1:]
        self.left[:, :, 1:].addcmul_(right, old_px[:, :, :-1])
        self.middle_x.addcmul_(grad, old_px)
        self.above[:, 1:].addcmul_(below, old_py[:, :-1])
        self.middle_y.addcmul_(grad, old_py)
        px, py = of_p
        px.addcmul_(grad, tile.middle_x)
        px[:, :, :-1].addcmul_(right, tile.left)
        py.addcmul_(grad, tile.middle_y)
        py[:, :-1].addcmul_(below, tile.above)

    def pass_step(self, u: Tensor, grad: Tensor) -> None:
        """Differentiate u - clamp(rho + h u, -1, 1) g."""
        tile = self.tile
        wish = tile.find_wish(u)
        clamped = wish.abs() > 1
        self.g.addcmul_(wish.clamp_(-1, 1), grad, value=-1)
        of_wish = torch.mul(grad[0], tile.g[0])
        of_wish.addcmul_(grad[1], tile.g[1])
        of_wish.neg_().masked_fill_(clamped, 0)
        self.rho.add_(of_wish)
        self.h.addcmul_(of_wish, u)
        grad.addcmul_(of_wish, tile.h)


class _Sobel:
    """Sobel's gradients of the flow ``u``, zeros around it.

    Sums of four pixels stand at their common corner; the differences of these along the diagonals
    are half the sum and half the difference of the two gradients.
    """

    def __init__(self, like: Tensor) -> None:
        _, h, w, m = like.shape
        self.padded = like.new_zeros(2, h + 2, w + 2, m)
        self.u = self.padded[:, 1:-1, 1:-1]
        # The same for a gradient of slopes.
        self.other = torch.zeros_like(self.padded)
        self.inside = self.other[:, 1:-1, 1:-1]
        # Sums of a pixel and the one below, of which two neighbours make the sum at a corner.
        self.rows = like.new_empty(2, h + 1, w + 2, m)
        self.left = self.rows[:, :, :-1]
        self.right = self.rows[:, :, 1:]
        self.corners = like.new_empty(2, h + 1, w + 1, m)
        self.upper_left = self.corners[:, :-1, :-1]
        self.upper_right = self.corners[:, :-1, 1:]
        self.lower_left = self.corners[:, 1:, :-1]
        self.lower_right = self.corners[:, 1:, 1:]
        self.slopes = like.new_empty(2, *like.shape)
        self.falling = torch.empty_like(like)
        self.rising = torch.empty_like(like)

    def gradient(self) -> Tensor:
        """Return the gradients in x and y, (2, 2, H, W, M)."""
        self.sum_corners(self.padded)
        self.differ_falling()
        self.differ_rising()
        torch.add(self.falling, self.rising, out=self.slopes[0])
        torch.sub(self.falling, self.rising, out=self.slopes[1])
        return self.slopes

    def adjoint(self, slopes: Tensor) -> Tensor:
        """Return the gradient of ``u``, (2, H, W, M), from those of its gradients."""
        x, y = slopes
        # Each difference is its own adjoint, with the opposite sign.
        torch.add(x, y, out=self.inside)
        self.sum_corners(self.other)
        self.differ_falling()
        torch.sub(x, y, out=self.inside)
        self.sum_corners(self.other)
        self.differ_rising()
        return self.falling.add_(self.rising).neg_()

    def sum_corners(self, padded: Tensor) -> None:
        """Put the sums of four pixels into ``corners``."""
        torch.add(padded[:, :-1], padded[:, 1:], out=self.rows)
        torch.add(self.left, self.right, out=self.corners)

    def differ_falling(self) -> None:
        """Put the difference along the falling diagonal into ``falling``."""
        torch.sub(self.lower_right, self.upper_left, out=self.falling)

    def differ_rising(self) -> None:
        """Put the difference along the rising diagonal into ``rising``."""
        torch.sub(self.upper_right, self.lower_left, out=self.rising)


class _Forward:
    """Forward differences of the flow ``u``, 0 at the last column and row."""

    def __init__(self, like: Tensor) -> None:
        self.u = torch.zeros_like(like)
        self.left = self.u[:, :, :-1]
        self.right = self.u[:, :, 1:]
        self.above = self.u[:, :-1]
        self.below = self.u[:, 1:]
        self.slopes = like.new_zeros(2, *like.shape)

    def gradient(self) -> Tensor:
        """Return the gradients in x and y, (2, 2, H, W, M)."""
        x, y = self.slopes
        torch.sub(self.right, self.left, out=x[:, :, :-1])
        torch.sub(self.below, self.above, out=y[:, :-1])
        x[:, :, -1] = 0  # the backward pass has written here
        y[:, -1] = 0
        return self.slopes

    def adjoint(self, slopes: Tensor) -> Tensor:
        """Return the gradient of ``u``, (2, H, W, M), from those of its gradients."""
        x = slopes[0, :, :, :-1]
        y = slopes[1, :, :-1]
        out = torch.zeros_like(self.u)
        out[:, :, 1:].add_(x)
        out[:, :, :-1].sub_(x)
        out[:, 1:].add_(y)
        out[:, :-1].sub_(y)
        return out


class _Kernels:
    """Gradients of the flow ``u`` by kernels (2, 3, 3) of one's own, zeros around it."""

    def __init__(self, like: Tensor, kernels: Tensor) -> None:
        self.u = torch.zeros_like(like)
        self.kernels = kernels

    def gradient(self) -> Tensor:
        """Return the gradients in x and y, (2, 2, H, W, M)."""
        x, y = self.kernels
        return torch.stack([_filter(self.u, x), _filter(self.u, y)])

    def adjoint(self, slopes: Tensor) -> Tensor:
        """Return the gradient of ``u``, (2, H, W, M), from those of its gradients."""
        x, y = self.kernels.flip(1, 2)
        return _filter(slopes[0], x) + _filter(slopes[1], y)


def _filter(u: Tensor, kernel: Tensor) -> Tensor:
    """Correlate every map of (2, H, W, M) with a 3x3 kernel, padded with zeros."""
    maps = u.movedim(-1, 1)  # (2, M, H, W)
    num_maps = maps.shape[1]
    weight = kernel.expand(num_maps, 1, 3, 3).contiguous()
    filtered = F.conv2d(maps, weight, padding=1, groups=num_maps)
    last: Tensor = filtered.movedim(1, -1).contiguous()
    return last


def _kernel_gradient(u: Tensor, slopes: Tensor) -> Tensor:
    """Return the gradients (2, 3, 3) of kernels from those of the slopes that they made of u."""
    h, w = u.shape[1:3]
    padded = F.pad(u, (0, 0, 1, 1, 1, 1))  # (2, H + 2, W + 2, M)
    each_kernel = slopes.flatten(1)  # (2, 2 H W M)
    products = []
    for i in range(3):
        for j in range(3):
            tap = padded[:, i : i + h, j : j + w].flatten()
            products.append(each_kernel @ tap)  # (2,)
    return torch.stack(products, dim=1).view(2, 3, 3)
