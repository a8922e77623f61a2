"""Draw the OFF of a layer for neighbouring segments of a video: Fx, Fy and Ft of one channel.

python demo/off_maps.py VIDEO --config CONFIG --checkpoint CHECKPOINT --layer layer1 --out off.png
"""

import argparse

import torch

from mmmotion.apis import (
    load_recognizer,
    pick_recognizer,
    prepare_video,
    recognizer_parser,
    run,
)
from mmmotion.models.wrappers.probes import tapped
from mmmotion.ops import off
from mmmotion.ops.gradients import KERNELS
from mmmotion.visualization import clip_pictures, draw_off, match_frames

NAMES = {2: ('diagonal', 'Ft'), 3: ('Fx', 'Fy', 'Ft')}


def parse_args() -> argparse.Namespace:
    parser = recognizer_parser(__doc__)
    parser.add_argument('video', help='video file, or folder of frames')
    parser.add_argument('--layer', required=True, help='name of a module of the backbone')
    parser.add_argument('--channel', type=int, help='default: the one that changes most')
    parser.add_argument('--kernel', choices=KERNELS, default='printed')
    parser.add_argument('--pairs', type=int, default=6, help='of segments to draw')
    parser.add_argument('--branch', default='', help='whose layer, if there are several')
    parser.add_argument('--out', default='off.png', help='the picture')
    return parser.parse_args()


@torch.no_grad()
def look(model: torch.nn.Module, batch: dict, layer: str, branch: str) -> torch.Tensor:
    """Return what the module ``layer`` makes of all segments, (1, T, C, H, W)."""
    backbone = pick_recognizer(model, branch).backbone
    if layer not in dict(backbone.named_modules()) and hasattr(backbone, 'backbone'):
        backbone = backbone.backbone  # what a MotionBackbone or a PluggedBackbone wraps
    with tapped(backbone, [layer]) as maps:
        model.test_step(batch)
    found = maps[layer].float()
    # Of a 3D network those of the first clip, (C, T, H, W); of a 2D one the segments are a batch.
    return (found[0].transpose(0, 1) if found.dim() == 5 else found)[None]


def main(args: argparse.Namespace) -> None:
    model = load_recognizer(args)
    batch = prepare_video(model, args.video)
    maps = look(model, batch, args.layer, args.branch)
    features = off(maps, kernel=args.kernel)
    *spatial, temporal = (part[0, : args.pairs].cpu() for part in features)
    channel = args.channel
    if channel is None:
        channel = int(temporal.square().mean((0, 2, 3)).argmax())
    parts = [part[: len(temporal), channel].numpy() for part in (*spatial, temporal)]
    clips = batch['inputs'][0]
    if clips.dim() == 5 and maps.shape[1] != len(clips):
        clips = clips[:1]
    frames = clip_pictures(clips)[match_frames(clips, maps.shape[1])]
    draw_off(
        frames[: len(temporal)],
        dict(zip(NAMES[len(parts)], parts, strict=True)),
        path=args.out,
        title=f'OFF of {args.layer}, channel {channel}',
    )
    print(f'picture: {args.out}')


if __name__ == '__main__':
    run(main, parse_args())
