"""Turn public Kinetics weights of ResNet-18-3D into a checkpoint of ours.

The weights of Hara et al., Can Spatiotemporal 3D CNNs Retrace the History of 2D CNNs and ImageNet?,
resnet-18-kinetics.pth or resnet-34-kinetics.pth; they fit a Recognizer3D of ResNet3dPool with
downsample='stride', and its I3DHead.

python tools/convert/resnet3d_pytorch.py IN.pth OUT.pth
"""

import argparse
from pathlib import Path

import mmmotion
from mmmotion.apis import run, script_parser
from mmmotion.checkpoints import write_checkpoint
from mmmotion.converters import check_out, read_released
from mmmotion.converters.resnet3d import infer_backbone, place


def parse_args() -> argparse.Namespace:
    parser = script_parser(__doc__)
    parser.add_argument('checkpoint', metavar='IN', help='the public file')
    parser.add_argument('out', metavar='OUT', help='the file to write')
    return parser.parse_args()


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


if __name__ == '__main__':
    run(convert, parse_args())
