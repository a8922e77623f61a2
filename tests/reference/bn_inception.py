"""BN-Inception and ECO-Lite, layer by layer on the public flat keys, and random such weights."""

import torch
from torch.nn import functional as F

# input | 1x1 | 3x3_reduce 3x3 | double_3x3_reduce double_3x3_1 double_3x3_2 | pool_proj
CHANNELS = """
3a 192 | 64 | 64 64 | 64 96 96 | 32
3b 256 | 64 | 64 96 | 64 96 96 | 64
3c 320 | | 128 160 | 64 96 96 |
4a 576 | 224 | 64 96 | 96 128 128 | 128
4b 576 | 192 | 96 128 | 96 128 128 | 128
4c 576 | 160 | 128 160 | 128 160 160 | 128
4d 608 | 96 | 128 192 | 160 192 192 | 128
4e 608 | | 128 192 | 192 256 256 |
5a 1056 | 352 | 192 320 | 160 224 224 | 128
5b 1024 | 352 | 192 320 | 192 224 224 | 128
"""
BRANCHES = (
    (('1x1', 1),),
    (('3x3_reduce', 1), ('3x3', 3)),
    (('double_3x3_reduce', 1), ('double_3x3_1', 3), ('double_3x3_2', 3)),
    (('pool_proj', 1),),
)
STEM = (
    ('conv1_7x7_s2', 64, 3, 7),
    ('conv2_3x3_reduce', 64, 64, 1),
    ('conv2_3x3', 192, 64, 3),
)
# Outputs, inputs; the batch norm after it, or None.
RES3D = (
    ('res3a_2', 128, 96, 'res3a_bn'),
    ('res3b_1', 128, 128, 'res3b_1_bn'),
    ('res3b_2', 128, 128, 'res3b_bn'),
    ('res4a_1', 256, 128, 'res4a_1_bn'),
    ('res4a_2', 256, 256, 'res4a_bn'),
    ('res4a_down', 256, 128, None),
    ('res4b_1', 256, 256, 'res4b_1_bn'),
    ('res4b_2', 256, 256, 'res4b_bn'),
    ('res5a_1', 512, 256, 'res5a_1_bn'),
    ('res5a_2', 512, 512, 'res5a_bn'),
    ('res5a_down', 512, 256, None),
    ('res5b_1', 512, 512, 'res5b_1_bn'),
    ('res5b_2', 512, 512, 'res5b_bn'),
)


def layers_2d():
    """Yield (name, outputs, inputs, kernel size) of every convolution of BN-Inception."""
    yield from STEM
    for line in CHANNELS.strip().splitlines():
        head, *branches = line.split('|')
        block, inputs = head.split()
        for layers, channels in zip(BRANCHES, branches, strict=True):
            before = int(inputs)
            for (layer, size), outputs in zip(layers, map(int, channels.split()), strict=False):
                yield f'inception_{block}_{layer}', outputs, before, size
                before = outputs


def random_conv(weights, name, shape, rng):
    fan_in = torch.tensor(shape[1:]).prod()
    weights[f'{name}.weight'] = torch.randn(shape, generator=rng) * (2 / fan_in) ** 0.5
    weights[f'{name}.bias'] = torch.randn(shape[0], generator=rng) * 0.1


def random_norm(weights, name, channels, rng):
    for field, offset in dict(weight=0.5, bias=-0.5, running_mean=-0.5, running_var=0.5).items():
        weights[f'{name}.{field}'] = torch.rand(channels, generator=rng) + offset
    weights[f'{name}.num_batches_tracked'] = torch.tensor(7)


def random_weights(num_classes=0):
    """Return random weights as the public ImageNet file holds them."""
    rng, weights = torch.Generator().manual_seed(0), {}
    for name, outputs, inputs, size in layers_2d():
        random_conv(weights, name, (outputs, inputs, size, size), rng)
        random_norm(weights, f'{name}_bn', outputs, rng)
    if num_classes:
        random_conv(weights, 'last_linear', (num_classes, 1024), rng)
    return weights


def random_eco_weights():
    """Return random weights as a released ECO-Lite holds them."""
    rng = torch.Generator().manual_seed(1)
    used = ('conv', 'inception_3a', 'inception_3b', 'inception_3c_double_3x3_')
    weights = {
        key: value
        for key, value in random_weights().items()
        if key.startswith(used) and '3c_double_3x3_2' not in key
    }
    for name, outputs, inputs, norm in RES3D:
        random_conv(weights, name, (outputs, inputs, 3, 3, 3), rng)
        if norm:
            random_norm(weights, norm, outputs, rng)
    return weights


def norm(weights, name, x):
    stats = (weights[f'{name}.{field}'] for field in ('running_mean', 'running_var'))
    return F.relu(F.batch_norm(x, *stats, weights[f'{name}.weight'], weights[f'{name}.bias']))


def unit(weights, name, x, stride=1):
    weight = weights[f'{name}.weight']
    padding = weight.shape[-1] // 2
    return norm(
        weights, f'{name}_bn', F.conv2d(x, weight, weights[f'{name}.bias'], stride, padding)
    )


def stem(weights, x):
    x = unit(weights, 'conv1_7x7_s2', x, stride=2)
    x = F.max_pool2d(x, 3, 2, ceil_mode=True)
    x = unit(weights, 'conv2_3x3', unit(weights, 'conv2_3x3_reduce', x))
    return F.max_pool2d(x, 3, 2, ceil_mode=True)


def block(weights, name, x):
    """Return the output of one Inception block."""
    stride = 2 if name[-2:] in ('3c', '4e') else 1
    b = unit(weights, f'{name}_3x3', unit(weights, f'{name}_3x3_reduce', x), stride)
    c = unit(weights, f'{name}_double_3x3_1', unit(weights, f'{name}_double_3x3_reduce', x))
    c = unit(weights, f'{name}_double_3x3_2', c, stride)
    if stride == 2:
        return torch.cat([b, c, F.max_pool2d(x, 3, 2, ceil_mode=True)], 1)
    a = unit(weights, f'{name}_1x1', x)
    pooled = F.max_pool2d(x, 3, 1, 1) if name[-2:] == '5b' else F.avg_pool2d(x, 3, 1, 1)
    return torch.cat([a, b, c, unit(weights, f'{name}_pool_proj', pooled)], 1)


def bn_inception(weights, x):
    """Return the outputs of all ten blocks for images (N, 3, H, W)."""
    maps, x = {}, stem(weights, x)
    for line in CHANNELS.strip().splitlines():
        name = f'inception_{line[:2]}'
        x = maps[name] = block(weights, name, x)
    return maps


def eco_lite(weights, clip):
    """Return the last map for clips (N, 3, T, H, W), a frame and a layer at a time."""

    def conv(name, x, stride=1):
        return F.conv3d(x, weights[f'{name}.weight'], weights[f'{name}.bias'], stride, 1)

    frames = []
    for frame in clip.unbind(2):
        x = stem(weights, frame)
        x = block(weights, 'inception_3b', block(weights, 'inception_3a', x))
        x = unit(weights, 'inception_3c_double_3x3_reduce', x)
        frames.append(unit(weights, 'inception_3c_double_3x3_1', x))
    res3a = conv('res3a_2', torch.stack(frames, 2))
    x = norm(weights, 'res3a_bn', res3a)
    res3b = res3a + conv('res3b_2', norm(weights, 'res3b_1_bn', conv('res3b_1', x)))
    x = norm(weights, 'res3b_bn', res3b)
    for stage in ('res4', 'res5'):
        y = norm(weights, f'{stage}a_1_bn', conv(f'{stage}a_1', x, 2))
        total = conv(f'{stage}a_2', y) + conv(f'{stage}a_down', x, 2)
        x = norm(weights, f'{stage}a_bn', total)
        y = norm(weights, f'{stage}b_1_bn', conv(f'{stage}b_1', x))
        x = norm(weights, f'{stage}b_bn', total + conv(f'{stage}b_2', y))
    return x
