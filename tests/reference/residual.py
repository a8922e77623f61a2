"""Residual frames as first written down, and the 3D ResNet on the keys of its public weights."""

import torch
from torch.nn import functional as F


def residual_frames(clip, signed=False):
    """Subtract frame by frame, in the widest type."""
    wide = clip.double() if clip.is_floating_point() else clip.long()
    out = []
    for t in range(clip.shape[1] - 1):
        change = wide[:, t + 1] - wide[:, t]
        out.append(change if signed else change.abs())
    return torch.stack(out, dim=1)


def resnet3d_shapes(depth=18, *, shortcut='A', num_classes=400):
    """Return the shape of every weight of the public file, without `module.`."""
    shapes = {'conv1.weight': (64, 3, 7, 7, 7), **_norm_shapes('bn1', 64)}
    before = 64
    for stage, blocks in enumerate({18: (2, 2, 2, 2), 34: (3, 4, 6, 3)}[depth]):
        width = 64 * 2**stage
        for index in range(blocks):
            name = f'layer{stage + 1}.{index}'
            shapes[f'{name}.conv1.weight'] = (width, before, 3, 3, 3)
            shapes.update(_norm_shapes(f'{name}.bn1', width))
            shapes[f'{name}.conv2.weight'] = (width, width, 3, 3, 3)
            shapes.update(_norm_shapes(f'{name}.bn2', width))
            if before != width and shortcut == 'B':
                shapes[f'{name}.downsample.0.weight'] = (width, before, 1, 1, 1)
                shapes.update(_norm_shapes(f'{name}.downsample.1', width))
            before = width
    return {**shapes, 'fc.weight': (num_classes, 512), 'fc.bias': (num_classes,)}


def random_resnet3d(depth=18, **kwargs):
    """Draw such weights, `module.` before each key."""
    generator = torch.Generator().manual_seed(0)
    weights = {}
    for key, shape in resnet3d_shapes(depth, **kwargs).items():
        value = torch.randn(shape, generator=generator)
        if value.dim() > 1:
            value = value * (2 / value[0].numel()) ** 0.5
        elif 'var' in key or ('weight' in key and 'fc' not in key):
            value = 0.5 + value.abs()
        weights[f'module.{key}'] = value
    return weights


def resnet3d(weights, clip, *, downsample='stride', act=F.relu, fea_diff=False):
    """Score a clip, (N, 3, T, H, W), with weights that `random_resnet3d` could have drawn."""
    weights = {key.removeprefix('module.'): value for key, value in weights.items()}
    x = F.conv3d(clip, weights['conv1.weight'], stride=(1, 2, 2), padding=3)
    if fea_diff:
        frames = x.unbind(2)
        x = torch.stack([b - a for a, b in zip(frames, frames[1:], strict=False)], dim=2)
    x = F.max_pool3d(act(_norm(weights, 'bn1', x)), 3, 2, 1)
    for name in dict.fromkeys(key.rsplit('.', 2)[0] for key in weights if '.conv1.' in key):
        downsamples = name in ('layer2.0', 'layer3.0', 'layer4.0')
        x = _block(weights, name, x, 2 if downsamples and downsample == 'stride' else 1, act)
        if downsamples and downsample == 'pool':
            x = F.max_pool3d(x, 3, 2, 1)
    return F.linear(x.mean((2, 3, 4)), weights['fc.weight'], weights['fc.bias'])


def _block(weights, name, x, stride, act):
    y = F.conv3d(x, weights[f'{name}.conv1.weight'], stride=stride, padding=1)
    y = act(_norm(weights, f'{name}.bn1', y))
    y = _norm(
        weights, f'{name}.bn2', F.conv3d(y, weights[f'{name}.conv2.weight'], stride=1, padding=1)
    )
    if f'{name}.downsample.0.weight' in weights:
        x = F.conv3d(x, weights[f'{name}.downsample.0.weight'], stride=stride)
        x = _norm(weights, f'{name}.downsample.1', x)
    else:
        x = F.avg_pool3d(x, 1, stride)
        x = torch.cat([x, x.new_zeros(len(x), y.shape[1] - x.shape[1], *x.shape[2:])], dim=1)
    return act(x + y)


def _norm(weights, name, x):
    fields = ('running_mean', 'running_var', 'weight', 'bias')
    return F.batch_norm(x, *(weights[f'{name}.{field}'] for field in fields))


def _norm_shapes(name, width):
    return {
        f'{name}.{field}': (width,) for field in ('weight', 'bias', 'running_mean', 'running_var')
    }
