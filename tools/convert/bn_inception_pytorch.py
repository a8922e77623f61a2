"""Turn the public ImageNet weights of BN-Inception into a checkpoint of ours.

python tools/convert/bn_inception_pytorch.py IN.pth OUT.pth
"""

import argparse
from pathlib import Path

import mmmotion
from mmmotion.apis import run, script_parser
from mmmotion.checkpoints import write_checkpoint
from mmmotion.converters import check_out, read_released
from mmmotion.converters.bn_inception import place, split_classifier


def parse_args() -> argparse.Namespace:
    parser = script_parser(__doc__)
    parser.add_argument('checkpoint', metavar='IN', help='the public file')
    parser.add_argument('out', metavar='OUT', help='the file to write')
    parser.add_argument(
        '--prefix', default='', help='what to put before every key, such as backbone. for load_from'
    )
    return parser.parse_args()


def convert(args: argparse.Namespace) -> None:
    check_out(args.out, args.checkpoint)
    weights, classifier = split_classifier(read_released(args.checkpoint))
    state_dict = {f'{args.prefix}{key}': value for key, value in place(weights).items()}
    meta = dict(
        description='BN-Inception without its classifier; BGR, 0..255, mean [104, 117, 128], std 1',
        source=Path(args.checkpoint).name,
        mmmotion_version=mmmotion.__version__,
    )
    write_checkpoint(args.out, state_dict, meta)
    left_out = ', '.join(classifier) or 'nothing'
    print(f'{args.out}: {len(state_dict)} entries; left out with the classifier: {left_out}')


if __name__ == '__main__':
    run(convert, parse_args())
