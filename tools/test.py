"""Test a recogniser.

python tools/test.py CONFIG CHECKPOINT
"""

import argparse

from mmengine.config import Config

from mmmotion.apis import build_runner, read_config, run, runner_parser
from mmmotion.checkpoints import check_checkpoint


def parse_args() -> argparse.Namespace:
    parser = runner_parser(__doc__)
    parser.add_argument('checkpoint', help='checkpoint file')
    parser.add_argument('--dump', help='save the predictions to this .pkl file')
    parser.add_argument(
        '--fast', choices=['float32', 'bfloat16'], help='fold batch norms; this type in backbones'
    )
    parser.add_argument('--show-dir', help='save pictures of the videos and predictions here')
    parser.add_argument('--interval', type=int, default=1, help='a picture of every so many videos')
    return parser.parse_args()


def merge_args(cfg: Config, args: argparse.Namespace) -> Config:
    cfg.load_from = check_checkpoint(args.checkpoint, name='checkpoint')
    cfg.resume = False
    if args.dump:
        add_dump(cfg, args.dump)
    hooks = list(cfg.get('custom_hooks') or [])
    if args.fast:
        hooks.append(dict(type='mmmotion.FastInferenceHook', dtype=args.fast))
    if args.show_dir:
        show = dict(type='mmmotion.ShowPredictionsHook', out_dir=args.show_dir)
        hooks.append(dict(show, interval=args.interval))
    cfg.custom_hooks = hooks
    return cfg


def add_dump(cfg: Config, path: str) -> None:
    if not path.endswith(('.pkl', '.pickle')):
        raise ValueError(f'--dump: expected a file that ends in .pkl or .pickle, got {path}')
    evaluators = cfg.test_evaluator
    if not isinstance(evaluators, (list, tuple)):
        evaluators = [evaluators]
    cfg.test_evaluator = [*evaluators, dict(type='DumpResults', out_file_path=path)]


def main(args: argparse.Namespace) -> None:
    cfg = read_config(args)
    build_runner(merge_args(cfg, args)).test()


if __name__ == '__main__':
    run(main, parse_args())
