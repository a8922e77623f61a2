"""PAN's network as first written down, on the keys of the authors' checkpoints: slow and plain."""

import torch
from torch.nn import functional as F

from .pan import fill, persistence_of_appearance, timescale_aggregation

BLOCKS = {18: (2, 2, 2, 2), 34: (3, 4, 6, 3), 50: (3, 4, 6, 3), 101: (3, 4, 23, 3)}


def scores(weights, frames, *, segments, clip_len):
    """Classify videos of stacked frames, (N, segments * clip_len * 3, H, W), in time order."""
    stacks = frames.unflatten(1, (segments, clip_len, 3)).flatten(0, 1)
    x = _inputs(weights, stacks)
    x = F.conv2d(x, weights['base_model.conv1.weight'], stride=2, padding=3)
    x = F.max_pool2d(F.relu(_norm(weights, 'base_model.bn1', x)), 3, 2, 1)
    for stage in '1234':
        for index in range(len({key.split('.')[2] for key in _of_stage(weights, stage)})):
            stride = 2 if stage != '1' and index == 0 else 1
            x = _block(weights, f'base_model.layer{stage}.{index}', x, stride, segments)
    features = x.mean((2, 3)).unflatten(0, (-1, segments))
    w1, w2 = (weights[f'base_model.fc.TES.{layer}.weight'] for layer in '02')
    pooled = timescale_aggregation(features, _timescales(len(w2)), w1, w2)
    fc = 'base_model.fc.pred.'
    return pooled @ weights[f'{fc}weight'].T + weights[f'{fc}bias']


def released_shapes(kind, depth, *, segments, num_classes, clip_len=4):
    """Return {released key: shape} of a checkpoint, counters of batches left out."""
    channels = {'Lite': 3 + clip_len - 1, 'PA': clip_len - 1, 'RGB': 3}[kind]
    shapes = {'base_model.conv1.weight': (64, channels, 7, 7), **_norm_shapes('bn1', 64)}
    width, expansion = 64, 4 if depth >= 50 else 1
    for stage, count in enumerate(BLOCKS[depth]):
        for index in range(count):
            shifted = depth != 101 or index % 2 == 0
            block = f'layer{stage + 1}.{index}'
            shapes |= _block_shapes(block, width, 64 * 2**stage, expansion, shifted)
            width = 64 * 2**stage * expansion
    size = 2 ** (segments.bit_length() - 1) - 1
    head = {'TES.0.weight': (4 * size, size), 'TES.2.weight': (size, 4 * size)}
    head |= {'pred.weight': (num_classes, width), 'pred.bias': (num_classes,)}
    shapes |= {f'base_model.fc.{key}': shape for key, shape in head.items()}
    if kind != 'RGB':
        shapes |= {'PA.shallow_conv.weight': (8, 3, 7, 7), 'PA.shallow_conv.bias': (8,)}
    return shapes


def released_weights(*args, **kwargs):
    """Return {released key: tensor}: what a file of the authors holds."""
    return fill(released_shapes(*args, **kwargs))


def _inputs(weights, stacks):
    if 'PA.shallow_conv.weight' not in weights:
        return stacks[:, 0]
    filters = (weights[f'PA.shallow_conv.{name}'] for name in ('weight', 'bias'))
    maps = persistence_of_appearance(stacks, *filters)
    if weights['base_model.conv1.weight'].shape[1] == maps.shape[1]:
        return maps
    return torch.cat([stacks[:, 0], maps], dim=1)


def _block(weights, name, x, stride, segments):
    """Run a basic or a bottleneck block; the first convolution may see a shifted input."""
    out, convs = x, 3 if f'{name}.conv3.weight' in weights else 2
    for layer in range(1, convs + 1):
        key = f'{name}.conv{layer}.weight'
        if key not in weights:
            key, out = f'{name}.conv{layer}.net.weight', _shift(out, segments)
        step = stride if layer == convs - 1 else 1
        out = F.conv2d(out, weights[key], stride=step, padding=weights[key].shape[-1] // 2)
        out = _norm(weights, f'{name}.bn{layer}', out)
        out = F.relu(out) if layer < convs else out
    if f'{name}.downsample.0.weight' in weights:
        x = F.conv2d(x, weights[f'{name}.downsample.0.weight'], stride=stride)
        x = _norm(weights, f'{name}.downsample.1', x)
    return F.relu(out + x)


def _shift(x, segments):
    """Show the first eighth of the channels the next segment, the second the previous one."""
    x = x.unflatten(0, (-1, segments))
    fold = x.shape[2] // 8
    out = torch.zeros_like(x)
    for t in range(segments):
        if t + 1 < segments:
            out[:, t, :fold] = x[:, t + 1, :fold]
        if t > 0:
            out[:, t, fold : 2 * fold] = x[:, t - 1, fold : 2 * fold]
        out[:, t, 2 * fold :] = x[:, t, 2 * fold :]
    return out.flatten(0, 1)


def _norm(weights, name, x):
    names = ('running_mean', 'running_var', 'weight', 'bias')
    return F.batch_norm(x, *(weights[f'{name}.{part}'] for part in names))


def _of_stage(weights, stage):
    return [key for key in weights if key.startswith(f'base_model.layer{stage}.')]


def _timescales(vectors):
    return [2**i for i in range((vectors + 1).bit_length() - 1)]


def _norm_shapes(name, width):
    parts = ('weight', 'bias', 'running_mean', 'running_var')
    return {f'base_model.{name}.{part}': (width,) for part in parts}


def _block_shapes(name, width, planes, expansion, shifted):
    """Return the shapes of a block that takes ``width`` channels and gives planes * expansion."""
    net = '.net' if shifted else ''
    sizes = [(width, planes, 3), (planes, planes, 3)]
    if expansion > 1:
        sizes = [(width, planes, 1), (planes, planes, 3), (planes, planes * expansion, 1)]
    shapes = {}
    for layer, (before, after, size) in enumerate(sizes, start=1):
        wrapped = net if layer == 1 else ''
        shapes[f'base_model.{name}.conv{layer}{wrapped}.weight'] = (after, before, size, size)
        shapes |= _norm_shapes(f'{name}.bn{layer}', after)
    if width != planes * expansion:
        shapes[f'base_model.{name}.downsample.0.weight'] = (planes * expansion, width, 1, 1)
        shapes |= _norm_shapes(f'{name}.downsample.1', planes * expansion)
    return shapes
