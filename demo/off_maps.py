"""Draw the OFF of a layer for neighbouring segments of a video: Fx, Fy and Ft of one channel.

python demo/off_maps.py VIDEO --config CONFIG --checkpoint CHECKPOINT --layer layer1 --out off.png
"""

import argparse

import torch
from mmengine.config import DictAction

import mmmotion  # noqa: F401  (the cures, before anything of upstream's is imported)
from mmmotion.apis import (
    init_recognizer,
    load_config,
    one_sentence_errors,
    pick_recognizer,
    prepare_video,
)
from mmmotion.models.backbones.feature_maps import tapped
from mmmotion.ops import off
from mmmotion.ops.gradients import KERNELS
from mmmotion.visualization import draw_off

NAMES = {2: ('diagonal', 'Ft'), 3: ('Fx', 'Fy', 'Ft')}


def parse_args() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument('video', help='video file')
    parser.add_argument('--config', required=True, help='config file')
    parser.add_argument('--checkpoint', required=True, help='checkpoint file')
    parser.add_argument('--layer', required=True, help='name of a module of the backbone')
    parser.add_argument('--channel', type=int, help='default: the one that changes most')
    parser.add_argument('--kernel', choices=KERNELS, default='printed')
    parser.add_argument('--pairs', type=int, default=6, help='of segments to draw')
    parser.add_argument('--branch', default='', help='whose layer, if there are several')
    parser.add_argument('--out', default='off.png', help='the picture')
    parser.add_argument('--device', default='cpu', help='cpu, cuda, cuda:1, ...')
    parser.add_argument(
        '--cfg-options', nargs='+', action=DictAction, help='overrides: key=value ...'
    )
    parser.add_argument('--traceback', action='store_true', help='show where an error was raised')
    return parser.parse_args()


@torch.no_grad()
def look(model: torch.nn.Module, batch: dict, layer: str, branch: str) -> torch.Tensor:
    """Return what the module ``layer`` makes of all segments, (1, T, C, H, W)."""
    backbone = pick_recognizer(model, branch).backbone
    with tapped(backbone, [layer]) as maps:
        model.test_step(batch)
    return maps[layer].float()[None]


def first_frames(clip: torch.Tensor) -> torch.Tensor:
    """Return the first frame of every segment, (T, H, W, 3)."""
    return (clip if clip.dim() == 4 else clip[:, :, 0]).permute(0, 2, 3, 1)


def main() -> None:
    args = parse_args()
    with one_sentence_errors(show_traceback=args.traceback):
        cfg = load_config(args.config, options=args.cfg_options)
        model = init_recognizer(cfg, args.checkpoint, args.device)
        batch = prepare_video(model, args.video)
        features = off(look(model, batch, args.layer, args.branch), kernel=args.kernel)
        *spatial, temporal = (part[0, : args.pairs].cpu() for part in features)
        channel = args.channel
        if channel is None:
            channel = int(temporal.square().mean((0, 2, 3)).argmax())
        parts = [part[: len(temporal), channel].numpy() for part in (*spatial, temporal)]
        draw_off(
            first_frames(batch['inputs'][0])[: len(temporal)].numpy(),
            dict(zip(NAMES[len(parts)], parts, strict=True)),
            path=args.out,
            title=f'OFF of {args.layer}, channel {channel}',
        )
        print(f'picture: {args.out}')


if __name__ == '__main__':
    main()
