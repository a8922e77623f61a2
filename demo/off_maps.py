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
    if found.dim() == 5:  # of a 3D network, (N, C, T, H, W): those of the first clip
        found = found[0].transpose(0, 1)  # (T, C, H, W)
    return found.unsqueeze(0)  # of a 2D network the segments are the batch


def main(args: argparse.Namespace) -> None:
    model = load_recognizer(args)
    batch = prepare_video(model, args.video)
    maps = look(model, batch, args.layer, args.branch)
    features = off(maps, kernel=args.kernel)  # the last of them is the difference
    channel = args.channel
    if channel is None:
        difference = features[-1][0, : args.pairs]  # (pairs, C, H, W)
        changes = difference.square().mean((0, 2, 3))
        channel = int(changes.argmax())
    pairs = min(args.pairs, maps.shape[1] - 1)
    gradients = {}
    for name, part in zip(NAMES[len(features)], features, strict=True):
        gradients[name] = part[0, :pairs, channel].cpu().numpy()
    clips = batch['inputs'][0]
    if clips.dim() == 5 and maps.shape[1] != len(clips):
        clips = clips[:1]
    frames = clip_pictures(clips)[match_frames(clips, maps.shape[1])]
    draw_off(
        frames[:pairs],
        gradients,
        path=args.out,
        title=f'OFF of {args.layer}, channel {channel}',
    )
    print(f'picture: {args.out}')


if __name__ == '__main__':
    run(main, parse_args())
