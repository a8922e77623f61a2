"""DCD's operators loop by loop, and the way that needs the whole volume: unfold and multiply."""

import math

import torch
from torch.nn import functional as F


def cost_volume(f1, f2, dh, dw, *, similarity='cosine', stride=1, dilation=1):
    """Compare one vector with one vector at a time."""
    f1, f2 = f1.double(), f2.double()
    n, _, h, w = f1.shape
    rows, columns = range(0, h, stride), range(0, w, stride)
    out = f1.new_zeros(n, 2 * dh + 1, 2 * dw + 1, len(rows), len(columns))
    for b, i, j, y, x in torch.cartesian_prod(*(torch.arange(size) for size in out.shape)).tolist():
        y1, x1 = rows[y], columns[x]
        y2, x2 = y1 + (i - dh) * dilation, x1 + (j - dw) * dilation
        if 0 <= y2 < h and 0 <= x2 < w:
            out[b, i, j, y, x] = _similarity(f1[b, :, y1, x1], f2[b, :, y2, x2], similarity)
    return out


def _similarity(a, b, kind):
    if kind == 'dot':
        return a @ b
    length = a.norm() * b.norm()
    return a @ b / length if length > 0 else 0


def displacement_map(volume, tau, dilation=1):
    """Follow eq. 1 and 2 point by point: marginals over rows and columns, then their means."""
    n, height, width, h, w = volume.shape
    out = volume.new_zeros(n, 2, h, w)
    for b, y, x in torch.cartesian_prod(torch.arange(n), torch.arange(h), torch.arange(w)).tolist():
        window = volume[b, :, :, y, x]
        weights = [[math.exp((c - window.max()) / tau) for c in row] for row in window.tolist()]
        total = sum(map(sum, weights))
        for i, row in enumerate(weights):
            for j, weight in enumerate(row):
                out[b, 0, y, x] += weight / total * (j - width // 2) * dilation
                out[b, 1, y, x] += weight / total * (i - height // 2) * dilation
    return out


def winners(volume):
    """Return the offset of the most similar candidate, the first one in reading order."""
    n, height, width, h, w = volume.shape
    best = volume.flatten(1, 2).argmax(1)
    return torch.stack([best % width - width // 2, best // width - height // 2], dim=1)


def unfolded_displacement_map(f1, f2, dh, dw, tau):
    """Take the volume from a copy of all windows, as libraries' building blocks suggest."""
    n, c, h, w = f1.shape
    f1, f2 = F.normalize(f1, dim=1), F.normalize(f2, dim=1)
    windows = F.unfold(f2, (2 * dh + 1, 2 * dw + 1), padding=(dh, dw)).view(n, c, -1, h, w)
    chances = ((f1[:, :, None] * windows).sum(1) / tau).softmax(1)
    y, x = (torch.arange(-d, d + 1, dtype=f1.dtype, device=f1.device) for d in (dh, dw))
    offsets = torch.cartesian_prod(y, x).view(-1, 2)
    return torch.einsum('nkhw,kd->ndhw', chances, offsets.flip(1))


def warp(x, displacement):
    """Sample point by point, four neighbours each."""
    x, displacement = x.double(), displacement.double()
    n, _, h, w = x.shape
    out = torch.zeros_like(x)
    for b, row, column in torch.cartesian_prod(*map(torch.arange, (n, h, w))).tolist():
        sx, sy = (torch.tensor([column, row]) - displacement[b, :, row, column]).tolist()
        left, top = math.floor(sx), math.floor(sy)
        for ny, nx in ((top, left), (top, left + 1), (top + 1, left), (top + 1, left + 1)):
            if 0 <= ny < h and 0 <= nx < w:
                share = (1 - abs(sx - nx)) * (1 - abs(sy - ny))
                out[b, :, row, column] += share * x[b, :, ny, nx]
    return out
