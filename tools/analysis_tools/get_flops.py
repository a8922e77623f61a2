"""Parameters and multiply-adds of a config's model, as published and as executed.

python tools/analysis_tools/get_flops.py configs/pan/pan_lite_r50_sthv2.py

The input is what the config's own test pipeline and data preprocessor give for a video. Published
figures are often those of one clip: a 3D network's first of several is counted by --num-clips 1.
"""

import argparse

import torch
from mmengine.registry import init_default_scope

from mmmotion.apis import blank_sample, config_parser, read_config, run
from mmmotion.apis.complexity import count_as_in_pan, count_executed, count_parameters


def parse_args() -> argparse.Namespace:
    parser = config_parser(__doc__)
    parser.add_argument(
        '--split', choices=['train', 'val', 'test'], default='test', help='whose pipeline'
    )
    parser.add_argument('--size', type=int, help="height and width, else the pipeline's")
    parser.add_argument(
        '--num-clips', type=int, help='only so many clips of a 3D network, or frames of a 2D one'
    )
    return parser.parse_args()


def build(args: argparse.Namespace) -> tuple[torch.nn.Module, torch.Tensor]:
    from mmaction.registry import MODELS

    cfg = read_config(args)
    init_default_scope(cfg.get('default_scope') or 'mmaction')
    model = MODELS.build(cfg.model).eval()
    batch = blank_sample(cfg, split=args.split, num_clips=args.num_clips, size=args.size)
    return model, model.data_preprocessor(batch)['inputs']


def main(args: argparse.Namespace) -> None:
    model, clips = build(args)
    print(f'input                  {tuple(clips.shape)}')
    print(f'parameters             {count_parameters(model) / 1e6:.3f} M')
    print(f"GMAC, PAN's counting   {count_as_in_pan(model, clips, stage='head') / 1e9:.3f}")
    print(f'GMAC, executed         {count_executed(model, clips, stage="head") / 1e9:.3f}')


if __name__ == '__main__':
    run(main, parse_args())
