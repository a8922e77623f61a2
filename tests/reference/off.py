"""OFF as the paper writes it down: each 3x3 kernel a convolution, each pair of frames by itself."""

import torch
from torch.nn import functional as F

KERNELS = dict(
    printed=(
        [[-1, 0, 1], [-1, 0, 1], [-1, 0, 1]],
        [[1, 1, 1], [0, 0, 0], [-1, -1, -1]],
    ),
    sobel=(
        [[-1, 0, 1], [-2, 0, 2], [-1, 0, 1]],
        [[-1, -2, -1], [0, 0, 0], [1, 2, 1]],
    ),
    released=([[0, 1, 0], [-1, 0, 1], [0, -1, 0]],),
)


def spatial_gradients(x, kernel='printed'):
    """Correlate maps, (N, C, H, W), depth-wise with every kernel."""
    channels = x.shape[1]
    outs = []
    for rows in KERNELS[kernel]:
        weight = torch.tensor(rows, dtype=x.dtype, device=x.device).expand(channels, 1, 3, 3)
        outs.append(F.conv2d(x, weight, padding=1, groups=channels))
    return tuple(outs)


def off(x, kernel='printed'):
    """Return spatial gradients, (N, T, C, H, W) each, and the difference, (N, T - 1, C, H, W)."""
    gradients = spatial_gradients(x.flatten(0, 1), kernel)
    return (*(g.unflatten(0, x.shape[:2]) for g in gradients), x[:, 1:] - x[:, :-1])
