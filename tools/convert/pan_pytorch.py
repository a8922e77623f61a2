"""Turn a checkpoint of the PAN authors into one of ours, and print the config it belongs to.

    python tools/convert/pan_pytorch.py IN.pth.tar OUT.pth > model.py

What is printed is a config file: a base for one with a data set.
"""

import argparse
from pathlib import Path

from mmengine.config import Config

import mmmotion  # (the cures, before anything of upstream's is imported)
from mmmotion.apis import load_config, one_sentence_errors
from mmmotion.apis.convert_pan import (
    KINDS,
    convert_released,
    infer_model,
    read_released,
)
from mmmotion.weights import check_out, write_checkpoint


def parse_args() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument('checkpoint', metavar='IN', help="the authors' file")
    parser.add_argument('out', metavar='OUT', help='the file to write')
    parser.add_argument('--config', help='convert for this config; default: what the keys say')
    parser.add_argument('--kind', choices=KINDS, help='where the keys leave it open: lite or pa')
    parser.add_argument(
        '--num-segments', type=int, help='where the keys leave it open: 2, 4, 8, ... or 3, 6, 12'
    )
    parser.add_argument('--traceback', action='store_true', help='show where an error was raised')
    return parser.parse_args()


def describe(model: dict) -> str:
    """Return the kind, depth, segments, frames and classes of a model that the keys told."""
    backbone, head = model['backbone'], model['cls_head']
    kind = {None: 'RGB', True: 'Lite', False: 'PA'}[backbone.get('with_rgb')]
    depth = backbone.get('backbone', backbone)['depth']
    return (
        f'PAN {kind}, ResNet-{depth}, {head["num_segments"]} segments of '
        f'm={backbone.get("clip_len", 1)} frames, {head["num_classes"]} classes'
    )


def describe_others(model: dict) -> str:
    """Return what the keys of ``model`` could be of as well."""
    clip_len, num_segments = model['backbone'].get('clip_len'), model['cls_head']['num_segments']
    others = [f'{num_segments * 3 // 2} segments (--num-segments)']
    if model['backbone'].get('with_rgb'):
        others.append(f'a PA branch of m={clip_len + 3} frames (--kind pa)')
    return f'The same keys have {" and ".join(others)}.'


def convert(args: argparse.Namespace) -> None:
    check_out(args.out, args.checkpoint)
    weights = read_released(args.checkpoint)
    if args.config:
        model, what = load_config(args.config).model.to_dict(), f'for {args.config}'
    else:
        model = infer_model(weights, kind=args.kind, num_segments=args.num_segments)
        what = describe(model)
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


def main() -> None:
    args = parse_args()
    with one_sentence_errors(show_traceback=args.traceback):
        convert(args)


if __name__ == '__main__':
    main()
