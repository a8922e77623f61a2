"""Turn a checkpoint of the PAN authors into one of ours, and print the config it belongs to.

    python tools/convert/pan_pytorch.py IN.pth.tar OUT.pth > model.py

What is printed is a config file: a base for one with a data set.
"""

import argparse
from pathlib import Path

from mmengine.config import Config

import mmmotion
from mmmotion.apis import load_config, run, script_parser
from mmmotion.checkpoints import write_checkpoint
from mmmotion.converters import check_out, read_released
from mmmotion.converters.pan import (
    KINDS,
    convert_released,
    describe_model,
    describe_others,
    infer_model,
)


def parse_args() -> argparse.Namespace:
    parser = script_parser(__doc__)
    parser.add_argument('checkpoint', metavar='IN', help="the authors' file")
    parser.add_argument('out', metavar='OUT', help='the file to write')
    parser.add_argument('--config', help='convert for this config; default: what the keys say')
    parser.add_argument('--kind', choices=KINDS, help='where the keys leave it open: lite or pa')
    parser.add_argument(
        '--num-segments', type=int, help='where the keys leave it open: 2, 4, 8, ... or 3, 6, 12'
    )
    return parser.parse_args()


def convert(args: argparse.Namespace) -> None:
    check_out(args.out, args.checkpoint)
    weights = read_released(args.checkpoint)
    if args.config:
        model, what = load_config(args.config).model.to_dict(), f'for {args.config}'
    else:
        model = infer_model(weights, kind=args.kind, num_segments=args.num_segments)
        what = describe_model(model)
    state_dict = convert_released(weights, model)
    meta = dict(
        description=f'converted from the PAN authors: {what}',
        source=Path(args.checkpoint).name,
        mmmotion_version=mmmotion.__version__,
        model=model,
    )
    write_checkpoint(args.out, state_dict, meta)
    print(f'# {args.out}: {what}')
    if not (args.config or args.kind or args.num_segments):
        print(f'# {describe_others(model)}')
    print(Config(dict(model=model)).pretty_text)


if __name__ == '__main__':
    run(convert, parse_args())
