"""Train a recogniser.

python tools/train.py configs/pan/pan_lite_r18_motionshapes.py
"""

import argparse

from mmengine.config import Config
from mmengine.device import get_device
from mmengine.runner import find_latest_checkpoint

from mmmotion.apis import build_runner, read_config, run, runner_parser
from mmmotion.checkpoints import check_checkpoint


def parse_args() -> argparse.Namespace:
    parser = runner_parser(__doc__)
    parser.add_argument(
        '--resume',
        nargs='?',
        const='auto',
        help='go on from this checkpoint, or from the latest in the work dir',
    )
    parser.add_argument('--amp', action='store_true', help='train in mixed precision')
    parser.add_argument('--no-validate', action='store_true', help='do not evaluate while training')
    parser.add_argument(
        '--auto-scale-lr',
        action='store_true',
        help='scale the learning rate with the batch size',
    )
    parser.add_argument('--seed', type=int, help='random seed')
    parser.add_argument('--diff-rank-seed', action='store_true', help='another seed for every rank')
    parser.add_argument(
        '--deterministic', action='store_true', help='deterministic kernels on the GPU'
    )
    return parser.parse_args()


def merge_args(cfg: Config, args: argparse.Namespace) -> Config:
    if args.no_validate:
        cfg.val_cfg = cfg.val_dataloader = cfg.val_evaluator = None
    if args.amp:
        use_mixed_precision(cfg.optim_wrapper)
    if args.resume == 'auto':
        latest = find_latest_checkpoint(cfg.work_dir)
        # In a new work dir the training starts, from the load_from of the config if it has one.
        cfg.resume = latest is not None
        cfg.load_from = latest or cfg.get('load_from')
    elif args.resume:
        cfg.resume = True
        cfg.load_from = check_checkpoint(args.resume, name='--resume')
    if args.auto_scale_lr:
        if 'base_batch_size' not in (cfg.get('auto_scale_lr') or {}):
            raise ValueError('--auto-scale-lr: expected a config with auto_scale_lr, got none')
        cfg.auto_scale_lr.enable = True
    given = dict(
        seed=args.seed,
        diff_rank_seed=args.diff_rank_seed or None,
        deterministic=args.deterministic or None,
    )
    given = {key: value for key, value in given.items() if value is not None}
    # A flag left out changes nothing.
    cfg.randomness = {'seed': None, **(cfg.get('randomness') or {}), **given}
    return cfg


def use_mixed_precision(optim_wrapper: Config) -> None:
    """Upstream's wrapper needs a GPU; on a CPU bfloat16 needs one of ours."""
    bfloat16 = 'mmmotion.BFloat16OptimWrapper'
    if get_device() == 'cpu' or optim_wrapper.get('type') == bfloat16:
        optim_wrapper.update(type=bfloat16, enabled=True)
    else:
        optim_wrapper.type = 'AmpOptimWrapper'
        optim_wrapper.setdefault('loss_scale', 'dynamic')


def main(args: argparse.Namespace) -> None:
    cfg = read_config(args)
    build_runner(merge_args(cfg, args)).train()


if __name__ == '__main__':
    run(
        main,
        parse_args(),
        interrupted='interrupted: what was saved is kept; --resume goes on from there',
    )
