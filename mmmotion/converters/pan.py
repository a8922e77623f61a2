"""The PAN authors' checkpoints, turned into those of our recognisers.

PAN: Towards Fast Action Recognition via Learning Persistence of Appearance. Everything is read off
the keys and the shapes of the weights: PAN_Lite, the PA branch or the RGB branch, the depth of the
ResNet, its shifted blocks, the segments, the frames of a stack and the classes.
"""

import re
from typing import Any

from mmaction.models.backbones.resnet import Bottleneck, ResNet
from mmaction.registry import MODELS
from mmengine.registry import DefaultScope
from torch import Tensor

from mmmotion.ops import RELEASED_OFFSET

__all__ = ['KINDS', 'convert_released', 'describe_model', 'describe_others', 'infer_model']

KINDS = ('lite', 'pa', 'rgb')

FIRST_CONV = 'base_model.conv1.weight'
PA_CONV = 'PA.shallow_conv.weight'
PERCEPTION = 'base_model.fc.TES.0.weight'
CLASSIFIER = 'base_model.fc.pred.weight'
BLOCK = re.compile(r'base_model\.layer(\d)\.(\d+)\.')
# From our keys to the released ones, applied one after the other.
RELEASED_NAMES = (
    (r'^backbone\.motion\.conv\.', 'PA.shallow_conv.'),
    (r'^backbone\.(backbone\.)?', 'base_model.'),
    (r'\.conv(\d)\.bn\.', r'.bn\1.'),
    (r'\.conv(\d)\.conv\.', r'.conv\1.'),
    (r'\.downsample\.conv\.', '.downsample.0.'),
    (r'\.downsample\.bn\.', '.downsample.1.'),
    (r'^cls_head\.aggregation\.weight_perception\.', 'base_model.fc.TES.'),
    (r'^cls_head\.fc_cls\.', 'base_model.fc.pred.'),
)


def infer_model(
    weights: dict[str, Tensor], *, kind: str | None = None, num_segments: int | None = None
) -> dict[str, Any]:
    """Infer the config of the recogniser that ``weights`` are of.

    Two things are in no key. A PA branch of m >= 5 frames has the shapes of a PAN_Lite of m - 3;
    and 3 * 2^n segments have the timescales of 2^(n + 1).

    Args:
        weights: what :func:`~mmmotion.converters.read_released` returns.
        kind: one of ``KINDS``; None takes PAN_Lite where it can be one.
        num_segments: segments of a video; None takes a power of two.

    Raises:
        ValueError: they are not of a released PAN.
    """
    channels = _shape(weights, FIRST_CONV, 4)[1]
    num_segments = num_segments or _shape(weights, PERCEPTION, 2)[1] + 1
    kind = kind or _infer_kind(weights, channels)
    backbone = _resnet(weights, num_segments)
    if kind != 'rgb':
        backbone = _motion_backbone(weights, backbone, channels, with_rgb=kind == 'lite')
    return dict(
        type='Recognizer2D',
        backbone=backbone,
        cls_head=_head(weights, num_segments),
        data_preprocessor=dict(
            type='ActionDataPreprocessor',
            mean=[123.675, 116.28, 103.53],
            std=[58.395, 57.12, 57.375],
            format_shape='NCHW' if kind == 'rgb' else 'NCTHW',
        ),
    )


def convert_released(weights: dict[str, Tensor], model: dict[str, Any]) -> dict[str, Tensor]:
    """Give every weight the key it has in ``model``.

    Args:
        weights: what :func:`~mmmotion.converters.read_released` returns.
        model: config of the recogniser, ours or what :func:`infer_model` returns.

    Returns:
        A state dict that loads strictly. Counters of batches that old files lack are 0.

    Raises:
        ValueError: a key is missing, has no place in the recogniser, or has another shape there.
    """
    with DefaultScope.overwrite_default_scope('mmaction'):
        target = MODELS.build(model).state_dict()
    names = {key: _released_name(key) for key in target}
    present = {}
    for key, value in target.items():
        if key.endswith('.num_batches_tracked'):  # unless the file has it, too
            present[names[key]] = value
    present.update(weights)
    _check_keys(expected=set(names.values()), present=set(present))
    state_dict = {}
    for key, value in target.items():
        name = names[key]
        expected, got = tuple(value.shape), tuple(present[name].shape)
        if got != expected:
            raise ValueError(f'checkpoint: expected {name} of the shape {expected}, got {got}')
        state_dict[key] = present[name].clone()
    return state_dict


def describe_model(model: dict) -> str:
    """Return the kind, depth, segments, frames and classes of a model that the keys told."""
    backbone, head = model['backbone'], model['cls_head']
    kind = {None: 'RGB', True: 'Lite', False: 'PA'}[backbone.get('with_rgb')]
    depth = backbone.get('backbone', backbone)['depth']
    return (
        f'PAN {kind}, ResNet-{depth}, {head["num_segments"]} segments of '
        f'm={backbone.get("clip_len", 1)} frames, {head["num_classes"]} classes'
    )


def describe_others(model: dict) -> str:
    """Return what the keys of ``model`` could be of as well."""
    clip_len = model['backbone'].get('clip_len')
    num_segments = model['cls_head']['num_segments']
    others = [f'{num_segments * 3 // 2} segments (--num-segments)']
    if model['backbone'].get('with_rgb'):
        others.append(f'a PA branch of m={clip_len + 3} frames (--kind pa)')
    return f'The same keys have {" and ".join(others)}.'


def _infer_kind(weights: dict[str, Tensor], channels: int) -> str:
    if PA_CONV not in weights:
        return 'rgb'
    return 'lite' if channels > 3 else 'pa'


def _resnet(weights: dict[str, Tensor], num_segments: int) -> dict[str, Any]:
    return dict(
        type='ResNetTSM',
        depth=_infer_depth(weights),
        num_segments=num_segments,
        is_shift=any('.net.' in key for key in weights),
        shift_div=8,
        pretrained=None,
        pretrained2d=False,
    )


def _motion_backbone(
    weights: dict[str, Tensor], backbone: dict[str, Any], channels: int, *, with_rgb: bool
) -> dict[str, Any]:
    num_filters, _, kernel_size, _ = _shape(weights, PA_CONV, 4)
    return dict(
        type='mmmotion.MotionBackbone',
        motion=dict(
            type='mmmotion.PersistenceOfAppearance',
            num_filters=num_filters,
            kernel_size=kernel_size,
            offset=RELEASED_OFFSET,
        ),
        clip_len=channels - 2 if with_rgb else channels + 1,
        with_rgb=with_rgb,
        backbone=backbone,
    )


def _head(weights: dict[str, Tensor], num_segments: int) -> dict[str, Any]:
    hidden, timescales = _shape(weights, PERCEPTION, 2)
    num_classes, in_channels = _shape(weights, CLASSIFIER, 2)
    return dict(
        type='mmmotion.VAPHead',
        num_classes=num_classes,
        in_channels=in_channels,
        num_segments=num_segments,
        expansion=hidden // timescales,
        average_clips='score',
    )


def _infer_depth(weights: dict[str, Tensor]) -> int:
    places = set()
    for key in weights:
        match = BLOCK.match(key)
        if match:
            places.add(match.groups())
    stages = [stage for stage, _ in places]
    blocks = tuple(stages.count(stage) for stage in '1234')
    wide = any('.conv3.' in key for key in weights)
    for depth, (block, stage_blocks) in ResNet.arch_settings.items():
        if blocks == stage_blocks and wide == (block is Bottleneck):
            return depth
    raise ValueError(
        f'checkpoint: expected the blocks of a ResNet-{list(ResNet.arch_settings)}, got {blocks} '
        f'blocks of {3 if wide else 2} convolutions in its stages'
    )


def _shape(weights: dict[str, Tensor], key: str, dims: int) -> tuple[int, ...]:
    if key not in weights:
        raise ValueError(f'checkpoint: expected {key}, as every released PAN has, got none')
    shape = tuple(weights[key].shape)
    if len(shape) != dims:
        raise ValueError(f'checkpoint: expected {key} with {dims} dimensions, got {shape}')
    return shape


def _released_name(key: str) -> str:
    for ours, released in RELEASED_NAMES:
        key = re.sub(ours, released, key)
    return key


def _check_keys(expected: set[str], present: set[str]) -> None:
    found = []
    faults = {'missing': expected - present, 'with no place for': present - expected}
    for what, keys in faults.items():
        if keys:
            others = f' and {len(keys) - 1} more' if len(keys) > 1 else ''
            found.append(f'{what} {min(keys)}{others}')
    if found:
        raise ValueError(
            f'checkpoint: expected the keys of the released PAN, got a file {" and ".join(found)}'
        )
