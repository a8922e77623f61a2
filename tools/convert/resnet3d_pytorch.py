"""Turn public Kinetics weights of ResNet-18-3D into a checkpoint of ours.

The weights of Hara et al., Can Spatiotemporal 3D CNNs Retrace the History of 2D CNNs and ImageNet?,
resnet-18-kinetics.pth or resnet-34-kinetics.pth; they fit a Recognizer3D of ResNet3dPool with
downsample='stride', and its I3DHead.

python tools/convert/resnet3d_pytorch.py IN.pth OUT.pth
"""

import argparse
import re
from pathlib import Path

import torch
from torch import Tensor

import mmmotion  # (the cures, before anything of upstream's is imported)
from mmmotion.apis import one_sentence_errors
from mmmotion.apis.convert_pan import read_released
from mmmotion.models import ResNet3dPool
from mmmotion.weights import check_out, write_checkpoint

# From public keys to those of the backbone, applied one after the other.
OWN_NAMES = (
    (r'^(|.*\.)conv(\d)\.', r'\1conv\2.conv.'),
    (r'^(|.*\.)bn(\d)\.', r'\1conv\2.bn.'),
    (r'\.downsample\.0\.', '.downsample.conv.'),
    (r'\.downsample\.1\.', '.downsample.bn.'),
)
BLOCKS = {2: 18, 6: 34}  # in the third stage: the depth
COUNTER = 'num_batches_tracked'


def parse_args() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument('checkpoint', metavar='IN', help='the public file')
    parser.add_argument('out', metavar='OUT', help='the file to write')
    parser.add_argument('--traceback', action='store_true', help='show where an error was raised')
    return parser.parse_args()


def own_key(key: str) -> str:
    """Return the name of a public weight in our recogniser."""
    if key.startswith('fc.'):
        return f'cls_head.fc_cls.{key.removeprefix("fc.")}'
    for public, ours in OWN_NAMES:
        key = re.sub(public, ours, key)
    return f'backbone.{key}'


def infer_backbone(weights: dict[str, Tensor]) -> dict:
    """Infer the arguments of ResNet3dPool from the keys."""
    blocks = len({key.split('.')[1] for key in weights if key.startswith('layer3.')})
    if blocks not in BLOCKS:
        raise ValueError(
            f'checkpoint: expected a ResNet-18-3D or -34-3D, with 2 or 6 blocks in layer3, '
            f'got {blocks}'
        )
    widened = any('.downsample.' in key for key in weights)
    return dict(depth=BLOCKS[blocks], downsample='stride', shortcut='B' if widened else 'A')


def place(weights: dict[str, Tensor], backbone: dict) -> dict[str, Tensor]:
    """Return the state dict of a recogniser that was given ``weights``."""
    places = _find_places(backbone, num_classes=len(weights.get('fc.weight', ())))
    # Old files lack the counters of batches: 0, as in a new network.
    placed = {key: torch.tensor(0) for key in places if key.endswith(COUNTER)}
    for key, value in weights.items():
        name, got = own_key(key), tuple(value.shape)
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
    return {
        **{f'backbone.{key}': tuple(value.shape) for key, value in model.state_dict().items()},
        'cls_head.fc_cls.weight': (num_classes, model.feat_dim),
        'cls_head.fc_cls.bias': (num_classes,),
    }


def convert(args: argparse.Namespace) -> None:
    check_out(args.out, args.checkpoint)
    weights = read_released(args.checkpoint)
    backbone = infer_backbone(weights)
    state_dict = place(weights, backbone)
    meta = dict(
        description='RGB, 0..255, mean [114.7748, 107.7354, 99.475], std 1; 16 frames of 112x112',
        backbone=dict(type='mmmotion.ResNet3dPool', **backbone),
        source=Path(args.checkpoint).name,
        mmmotion_version=mmmotion.__version__,
    )
    write_checkpoint(args.out, state_dict, meta)
    settings = ', '.join(f'{name}={value!r}' for name, value in backbone.items())
    print(f'{args.out}: {len(state_dict)} entries of ResNet3dPool({settings})')


def main() -> None:
    args = parse_args()
    with one_sentence_errors(show_traceback=args.traceback):
        convert(args)


if __name__ == '__main__':
    main()
