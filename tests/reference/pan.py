"""PAN's operators as first written down: the truth of the tests, the slow side of benchmarks."""

import zlib

import numpy as np
import torch
from torch.nn import functional as F


def persistence_of_appearance(clip, weight, bias=None, offset=1e-6):
    """Convolve every frame, then take the distances pair by pair, earlier minus later."""
    n, m = clip.shape[:2]
    padding = tuple(size // 2 for size in weight.shape[2:])
    features = F.conv2d(clip.flatten(0, 1), weight, bias, padding=padding).unflatten(0, (n, m))
    pairs = [(features[:, t] - features[:, t + 1] + offset).norm(dim=1) for t in range(m - 1)]
    return torch.stack(pairs, dim=1)


def persistence_of_pixels(clip):
    """Take the distances of the pixels themselves."""
    frames = clip.unbind(1)
    return torch.stack(
        [(b - a).norm(dim=1) for a, b in zip(frames, frames[1:], strict=False)], dim=1
    )


def deep_features(clip, weights, biases):
    """Stack convolutions with a ReLU between them, frame by frame: (N, m, F, H, W)."""
    out = []
    for frame in clip.unbind(1):
        for i, (weight, bias) in enumerate(zip(weights, biases, strict=True)):
            frame = F.conv2d(F.relu(frame) if i else frame, weight, bias, padding=3)
        out.append(frame)
    return torch.stack(out, dim=1)


def attended_appearance(features):
    """Follow eq. 7 pair by pair."""
    out = []
    for now, later in zip(features.unbind(1), features[:, 1:].unbind(1), strict=False):
        length = (later - now).norm(dim=1)
        out.append(torch.sigmoid(length) * now.mean(dim=1))
    return torch.stack(out, dim=1)


def timescale_pool(x, timescales):
    """Pool by a dilated maximum, the way eq. 11 is printed."""
    segments = x.shape[1]
    pooled = [
        F.max_pool3d(x[:, None, :, :, None], (segments // k, 1, 1), 1, 0, (k, 1, 1))[:, 0, :, :, 0]
        for k in timescales
    ]
    return torch.cat(pooled, dim=1)


def timescale_aggregation(x, timescales, w1, w2):
    """Follow eq. 12 to 14 clip by clip and vector by vector."""
    out = []
    for v in timescale_pool(x, timescales):
        z = torch.stack([vector.mean() for vector in v])
        w = F.softmax(w2 @ F.relu(w1 @ z), dim=0)
        out.append(sum(weight * vector for weight, vector in zip(w, v, strict=True)))
    return torch.stack(out)


def timescale_average(x, timescales):
    """Weigh every vector by 1 over the timescales and over the vectors of its timescale."""
    out = 0
    for k in timescales:
        for vector in timescale_pool(x, (k,)).unbind(1):
            out = out + vector / (k * len(timescales))
    return out


def fill(shapes):
    """Draw the weights of the reference outputs: {released key: shape} to {key: tensor}.

    Each entry has a generator of its own, seeded by the CRC32 of its key.
    """
    return {key: torch.from_numpy(_draw(key, tuple(shape))) for key, shape in shapes.items()}


def _draw(key, shape):
    rng = np.random.RandomState(zlib.crc32(key.encode()))
    values = rng.standard_normal(shape).astype('f4')
    if len(shape) > 1:
        return values * np.sqrt(2.0 / np.prod(shape[1:])).astype('f4')
    if key.endswith('running_var'):
        return (1 + 0.1 * np.abs(values)).astype('f4')
    return ((1 if key.endswith('weight') else 0) + 0.1 * values).astype('f4')
