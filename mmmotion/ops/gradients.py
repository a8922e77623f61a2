"""Spatial gradients of maps: what OFF and the representation flow take from neighbouring pixels.

Optical Flow Guided Feature, equations 5 and 6; Representation Flow, equation 8.

Deviates: each 3x3 kernel is a difference along one axis and a sum along the other, so both are
taken one after the other. In memory a neighbour lies at a fixed distance, so whole blocks of maps
are shifted at once; what then reached across a border is written anew. Neither the input nor its
border of zeros is ever copied.
"""

from collections.abc import Callable
from typing import Any, NamedTuple

import torch
from torch import Tensor
from torch.nn import functional as F

from mmmotion.ops._checks import check_choice, check_float

__all__ = [
    'check_kernel',
    'gradients_of_maps',
    'gradients_transposed',
    'num_gradients',
    'sliced_gradients',
    'spatial_gradients',
]


class _Kernel(NamedTuple):
    """A pair of 3x3 kernels.

    Args:
        weight: of the middle of the three rows, or columns, that are summed; None: no sum.
        sign: of y: 1 if it points down, as the rows do; -1 if it points up.
    """

    weight: float | None
    sign: int


KERNELS = {
    'printed': _Kernel(1.0, -1),
    'sobel': _Kernel(2.0, 1),
    'released': _Kernel(None, -1),
}
ROWS, COLUMNS = 1, 2  # the axes of a block, (maps, H, W, channels that lie innermost)
# A block stays in cache, and is large enough that waking the threads for each step costs little.
ONE_THREAD_BYTES, BLOCK_BYTES = 2**20, 2**24


def spatial_gradients(x: Tensor, *, kernel: str = 'printed') -> tuple[Tensor, ...]:
    r"""Correlate every map with fixed 3x3 kernels.

    .. math:: F_x = k_x \star x, \quad F_y = k_y \star x

    Args:
        x: maps of any range, (..., H, W).
        kernel: which kernels, as rows from above:
            ``'printed'`` (OFF, eq. 5 and 6): x ``[-1 0 1]`` three times; y ``[1 1 1]``, zeros,
            ``[-1 -1 -1]``. Prewitt's, of which y points up.
            ``'sobel'``: x ``[-1 0 1] [-2 0 2] [-1 0 1]``; y its transpose, so y points down.
            ``'released'`` (OFF's network definition): only ``[0 1 0] [-1 0 1] [0 -1 0]``, along the
            diagonal.

    Returns:
        The gradients ``(fx, fy)``, each like ``x``; ``(fx + fy,)`` for ``'released'``.

    Raises:
        TypeError: if the maps are no floating-point tensor.
        ValueError: if there is no such kernel, or no axes of rows and columns.

    Convention:
        Cross-correlation, padded with zeros; x runs along columns, y along rows. Right minus left;
        above minus below for ``'printed'`` and ``'released'``, below minus above for ``'sobel'``.
        Unnormalised: a ramp of 1 per pixel has 6, 8 and 2.

    Example:
        >>> ramp = torch.arange(5.0).repeat(3, 1)
        >>> fx, fy = spatial_gradients(ramp)
        >>> fx[1]
        tensor([ 3.,  6.,  6.,  6., -9.])
        >>> fy[1]
        tensor([0., 0., 0., 0., 0.])
    """
    check_kernel(kernel)
    check_float('x', x)
    if x.ndim < 2:
        raise ValueError(f'x: expected the shape (..., H, W), got {tuple(x.shape)}')
    if torch.compiler.is_compiling():  # a compiler fuses slices; other runtimes know them, too
        return sliced_gradients(x, kernel)
    gradients: tuple[Tensor, ...] = _SpatialGradients.apply(x, kernel)  # type: ignore[no-untyped-call]
    return gradients


def num_gradients(kernel: str) -> int:
    """Return how many maps :func:`spatial_gradients` makes of each.

    Args:
        kernel: as in :func:`spatial_gradients`.

    Raises:
        ValueError: if there is no such kernel.
    """
    check_kernel(kernel)
    return 1 if kernel == 'released' else 2


def check_kernel(kernel: str) -> None:
    """Raise a ValueError unless there is such a kernel."""
    check_choice('kernel', kernel, KERNELS)


def gradients_of_maps(x: Tensor, kernel: str) -> tuple[Tensor, ...]:
    """Compute :func:`spatial_gradients` without autograd.

    Args:
        x: maps, (..., H, W).
        kernel: as in :func:`spatial_gradients`.

    Returns:
        The one or two gradients, each like ``x``.
    """
    x = _as_stored(x)
    outs = [torch.empty_like(x) for _ in range(num_gradients(kernel))]
    _for_each_block(_gradients_of_block, [x], outs, kernel)
    return tuple(outs)


def gradients_transposed(grads: tuple[Tensor, ...], kernel: str) -> Tensor:
    """Compute the adjoint of :func:`gradients_of_maps`, which is its gradient.

    Args:
        grads: of each of its results, (..., H, W).
        kernel: as in :func:`spatial_gradients`.

    Returns:
        The gradient of the maps, (..., H, W).
    """
    first = _as_stored(grads[0])
    inputs = [first]
    for grad in grads[1:]:
        same_order = grad.stride() == first.stride()
        inputs.append(grad if same_order else torch.empty_like(first).copy_(grad))
    out = torch.empty_like(first)
    _for_each_block(_adjoint_of_block, inputs, [out], kernel)
    return out


def sliced_gradients(x: Tensor, kernel: str) -> tuple[Tensor, ...]:
    """Compute :func:`spatial_gradients` from slices of the padded maps.

    Args:
        x: maps, (..., H, W).
        kernel: as in :func:`spatial_gradients`.

    Returns:
        The one or two gradients, each like ``x``.
    """
    weight, sign = KERNELS[kernel]
    padded = F.pad(x, (1, 1, 1, 1))  # (..., H + 2, W + 2)
    along_x = padded[..., 2:] - padded[..., :-2]  # (..., H + 2, W)
    along_y = sign * (padded[..., 2:, :] - padded[..., :-2, :])  # (..., H, W + 2)
    middle_x = along_x[..., 1:-1, :]
    middle_y = along_y[..., 1:-1]
    if weight is None:
        return (middle_x + middle_y,)
    above, below = along_x[..., :-2, :], along_x[..., 2:, :]
    left, right = along_y[..., :-2], along_y[..., 2:]
    fx = above + weight * middle_x + below
    fy = left + weight * middle_y + right
    return fx, fy


class _SpatialGradients(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, x: Tensor, kernel: str) -> tuple[Tensor, ...]:
        ctx.kernel = kernel
        return gradients_of_maps(x, kernel)

    @staticmethod
    def backward(ctx: Any, *grads: Tensor) -> tuple[Tensor, None]:
        return _SpatialAdjoint.apply(ctx.kernel, *grads), None  # type: ignore[no-untyped-call]


class _SpatialAdjoint(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, kernel: str, *grads: Tensor) -> Tensor:
        ctx.kernel = kernel
        return gradients_transposed(grads, kernel)

    @staticmethod
    def backward(ctx: Any, grad: Tensor) -> tuple[Tensor | None, ...]:
        return None, *_SpatialGradients.apply(grad, ctx.kernel)  # type: ignore[no-untyped-call]


def _for_each_block(
    function: Callable[[list[Tensor], list[Tensor], Tensor, str], None],
    inputs: list[Tensor],
    outs: list[Tensor],
    kernel: str,
) -> None:
    """Call ``function`` on block after block of the inputs and the outs, with two buffers."""
    if not inputs[0].numel():
        return
    inputs = [_as_maps(x) for x in inputs]
    outs = [_as_maps(x) for x in outs]
    num_maps = inputs[0].shape[0]
    size = _block_size(inputs[0])
    buffers = inputs[0].new_empty(2, min(size, num_maps), *inputs[0].shape[1:])
    for start in range(0, num_maps, size):
        stop = min(start + size, num_maps)
        of_inputs = [x[start:stop] for x in inputs]
        of_outs = [x[start:stop] for x in outs]
        function(of_inputs, of_outs, buffers[:, : stop - start], kernel)


def _gradients_of_block(
    inputs: list[Tensor], outs: list[Tensor], buffers: Tensor, kernel: str
) -> None:
    weight, sign = KERNELS[kernel]
    x = inputs[0]
    if weight is None:
        _difference(x, COLUMNS, 1, out=outs[0])
        _difference(x, ROWS, sign, out=buffers[0])
        outs[0].add_(buffers[0])
        return
    _difference(x, COLUMNS, 1, out=buffers[0])
    _smooth(buffers[0], ROWS, weight, out=outs[0])
    _smooth(x, COLUMNS, weight, out=buffers[0])
    _difference(buffers[0], ROWS, sign, out=outs[1])


def _adjoint_of_block(
    grads: list[Tensor], outs: list[Tensor], buffers: Tensor, kernel: str
) -> None:
    # A sum is its own adjoint, and a difference is its own with the opposite sign.
    weight, sign = KERNELS[kernel]
    out = outs[0]
    if weight is None:
        _difference(grads[0], COLUMNS, -1, out=out)
        _difference(grads[0], ROWS, -sign, out=buffers[0])
        out.add_(buffers[0])
        return
    _difference(grads[0], COLUMNS, -1, out=buffers[0])
    _smooth(buffers[0], ROWS, weight, out=out)
    _smooth(grads[1], COLUMNS, weight, out=buffers[0])
    _difference(buffers[0], ROWS, -sign, out=buffers[1])
    out.add_(buffers[1])


def _block_size(maps: Tensor) -> int:
    """Return how many of the ``maps`` make a block; on other devices than a CPU, all."""
    if maps.device.type != 'cpu':
        return maps.shape[0]
    num_bytes = BLOCK_BYTES if torch.get_num_threads() > 1 else ONE_THREAD_BYTES
    bytes_of_map = maps[0].numel() * maps.element_size()
    return max(1, num_bytes // bytes_of_map)


def _as_stored(x: Tensor) -> Tensor:
    """Return ``x`` itself if its maps, or its pixels, lie one after the other; else a copy."""
    if x.is_contiguous():
        return x
    channels_last = x.ndim > 3 and x.movedim(-3, -1).is_contiguous()
    return x if channels_last else x.contiguous()


def _as_maps(x: Tensor) -> Tensor:
    """View maps (..., H, W) as (maps, H, W, inner); inner is 1, or C where channels lie last."""
    if x.is_contiguous():
        return x.view(-1, *x.shape[-2:], 1)
    return x.movedim(-3, -1).flatten(0, -4)


def _difference(x: Tensor, axis: int, sign: int, *, out: Tensor) -> Tensor:
    """Subtract the neighbour before from the one after, times ``sign``; zeros lie outside."""
    if x.shape[axis] == 1:
        return out.zero_()
    step = x.stride(axis)
    flat = x.view(-1)
    inside = out.view(-1)[step:-step]
    before = flat[: -2 * step]
    after = flat[2 * step :]
    if sign > 0:
        torch.sub(after, before, out=inside)
    else:
        torch.sub(before, after, out=inside)
    # At both ends a neighbour is outside, where the line above has read another row, or map.
    torch.mul(x.select(axis, 1), sign, out=out.select(axis, 0))
    torch.mul(x.select(axis, -2), -sign, out=out.select(axis, -1))
    return out


def _smooth(x: Tensor, axis: int, weight: float, *, out: Tensor) -> Tensor:
    """Add the neighbours on both sides to ``weight`` times the pixel; zeros lie outside."""
    if x.shape[axis] == 1:
        return torch.mul(x, weight, out=out)
    step = x.stride(axis)
    flat = x.view(-1)
    inside = out.view(-1)[step:-step]
    torch.add(flat[2 * step :], flat[: -2 * step], out=inside)
    inside.add_(flat[step:-step], alpha=weight)
    for edge, neighbour in ((0, 1), (-1, -2)):
        pixel = x.select(axis, edge)
        torch.add(x.select(axis, neighbour), pixel, alpha=weight, out=out.select(axis, edge))
    return out
