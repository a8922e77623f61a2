"""Classify a video and show the motion that the recogniser sees.

python demo/demo.py VIDEO --config CONFIG --checkpoint CHECKPOINT --out demo.png
"""

import argparse

import torch
from mmengine.config import DictAction

import mmmotion  # noqa: F401  (the cures, before anything of upstream's is imported)
from mmmotion.apis import classify, init_recognizer, load_config, one_sentence_errors, top_k
from mmmotion.models import MotionBackbone
from mmmotion.visualization import draw_frames_over_maps


def parse_args() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description='Classify a video and show its motion.')
    parser.add_argument('video', help='video file')
    parser.add_argument('--config', required=True, help='config file')
    parser.add_argument('--checkpoint', required=True, help='checkpoint file')
    parser.add_argument('--out', default='demo.png', help='picture of the frames over their maps')
    parser.add_argument('--top-k', type=int, default=5, help='how many classes to name')
    parser.add_argument('--device', default='cpu', help='cpu, cuda, cuda:1, ...')
    parser.add_argument(
        '--cfg-options', nargs='+', action=DictAction, help='overrides: key=value ...'
    )
    parser.add_argument('--traceback', action='store_true', help='show where an error was raised')
    return parser.parse_args()


def motion_maps(model: torch.nn.Module, batch: dict) -> tuple[torch.Tensor, torch.Tensor]:
    """Return the stacks' earlier frames (S, m-1, H, W, 3) and PA maps (S, m-1, H, W)."""
    backbones = [module for module in model.modules() if isinstance(module, MotionBackbone)]
    if not backbones:
        raise ValueError(
            'config: expected a recogniser with a mmmotion.MotionBackbone to draw its maps, '
            f'got a {type(model).__name__} without one'
        )
    stacks = model.data_preprocessor(batch, training=False)['inputs'][0]
    with torch.no_grad():
        maps = backbones[0].motion(stacks.transpose(1, 2))
    frames = batch['inputs'][0][:, :, :-1].permute(0, 2, 3, 4, 1)
    return frames, maps.float()


def main() -> None:
    args = parse_args()
    with one_sentence_errors(show_traceback=args.traceback):
        cfg = load_config(args.config, options=args.cfg_options)
        model = init_recognizer(cfg, args.checkpoint, args.device)
        probabilities, batch = classify(model, args.video)
        best = top_k(probabilities, args.top_k, model.classes)
        for name, probability in best:
            print(f'{probability:.4f}  {name}')
        frames, maps = motion_maps(model, batch)
        title = f'{best[0][0]} ({best[0][1]:.0%}): RGB over persistence of appearance'
        draw_frames_over_maps(frames.cpu().numpy(), maps.cpu().numpy(), path=args.out, title=title)
        print(f'picture: {args.out}')


if __name__ == '__main__':
    main()
