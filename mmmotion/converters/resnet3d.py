"""The public Kinetics weights of ResNet-18-3D and -34-3D, turned into those of our recogniser.

Source: Hara et al., Can Spatiotemporal 3D CNNs Retrace the History of 2D CNNs and ImageNet?
"""

import re

import torch
from torch import Tensor

from mmmotion.models import ResNet3dPool

__all__ = ['infer_backbone', 'key_in_recognizer', 'place']

# From public keys to those of the backbone, applied one after the other.
OWN_NAMES = (
    (r'^(|.*\.)conv(\d)\.', r'\1conv\2.conv.'),
    (r'^(|.*\.)bn(\d)\.', r'\1conv\2.bn.'),
    (r'\.downsample\.0\.', '.downsample.conv.'),
    (r'\.downsample\.1\.', '.downsample.bn.'),
)
BLOCKS = {2: 18, 6: 34}  # in the third stage: the depth
COUNTER = 'num_batches_tracked'


def key_in_recognizer(key: str) -> str:
    """Return the name of a public weight in our recogniser."""
    if key.startswith('fc.'):
        return f'cls_head.fc_cls.{key.removeprefix("fc.")}'
    for public, ours in OWN_NAMES:
        key = re.sub(public, ours, key)
    return f'backbone.{key}'


def infer_backbone(weights: dict[str, Tensor]) -> dict:
    """Infer the arguments of ResNet3dPool from the keys.

    Raises:
        ValueError: they are not of a ResNet-18-3D or -34-3D.
    """
    numbers = {key.split('.')[1] for key in weights if key.startswith('layer3.')}
    blocks = len(numbers)
    if blocks not in BLOCKS:
        raise ValueError(
            f'checkpoint: expected a ResNet-18-3D or -34-3D, with 2 or 6 blocks in layer3, '
            f'got {blocks}'
        )
    has_projections = any('.downsample.' in key for key in weights)
    shortcut = 'B' if has_projections else 'A'
    return dict(depth=BLOCKS[blocks], downsample='stride', shortcut=shortcut)


def place(weights: dict[str, Tensor], backbone: dict) -> dict[str, Tensor]:
    """Return the state dict of a recogniser that was given ``weights``.

    Args:
        weights: what :func:`~mmmotion.converters.read_released` returns.
        backbone: what :func:`infer_backbone` returns.

    Raises:
        ValueError: a weight is missing, has no place in the recogniser, or has another shape there.
    """
    classifier = weights.get('fc.weight', ())
    places = _find_places(backbone, num_classes=len(classifier))
    # Old files lack the counters of batches: 0, as in a new network.
    placed = {key: torch.tensor(0) for key in places if key.endswith(COUNTER)}
    for key, value in weights.items():
        name = key_in_recognizer(key)
        got = tuple(value.shape)
        if name not in places:
            raise ValueError(f'checkpoint: expected weights of a ResNet-3D, got {key}')
        if got != places[name]:
            raise ValueError(f'checkpoint: expected {key} of the shape {places[name]}, got {got}')
        placed[name] = value.clone()
    missing = [key for key in places if key not in placed]
    if missing:
        raise ValueError(f'checkpoint: expected weights of a ResNet-3D, got none for {missing[0]}')
    return placed


def _find_places(backbone: dict, num_classes: int) -> dict[str, tuple[int, ...]]:
    """Return the shape of every entry of the recogniser."""
    with torch.device('meta'):
        model = ResNet3dPool(**backbone)
    places: dict[str, tuple[int, ...]] = {
        'cls_head.fc_cls.weight': (num_classes, model.feat_dim),
        'cls_head.fc_cls.bias': (num_classes,),
    }
    for key, value in model.state_dict().items():
        places[f'backbone.{key}'] = tuple(value.shape)
    return places
