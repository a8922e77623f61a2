"""Fuse the scores of separately trained models, saved by tools/test.py --dump.

python tools/analysis_tools/fuse_scores.py lite.pkl rgb.pkl pa.pkl --weights 1 1 1
"""

import argparse
import sys

from mmmotion.apis import run, script_parser
from mmmotion.evaluation.fusion import AVERAGES, accuracies, fuse_scores
from mmmotion.evaluation.saved_scores import load_scores, save_scores
from mmmotion.tables import format_table


def parse_args() -> argparse.Namespace:
    parser = script_parser(__doc__)
    parser.add_argument('files', nargs='+', help='files of scores, all of the same list')
    parser.add_argument('--weights', nargs='+', type=float, help='one per file; equal by default')
    parser.add_argument(
        '--average',
        choices=AVERAGES,
        default='score',
        help='score: what was saved, as it is; prob: probabilities; logit: logits, '
        'which are the logarithm of probabilities',
    )
    parser.add_argument('--out', help='save the fused scores to this .pkl file')
    return parser.parse_args()


def row(saved, weight) -> tuple:
    holds = 'probabilities' if saved.are_probabilities else 'logits'
    return saved.source, holds, weight, *accuracies(saved).values()


def table(files, weights, fused) -> str:
    header = ('file', 'holds', 'weight', *accuracies(fused))
    weights = [f'{weight:g}' for weight in weights or [1] * len(files)]
    return format_table(header, [*map(row, files, weights), row(fused, '')])


def warn_of_mixture(files) -> None:
    if len({file.are_probabilities for file in files}) > 1:
        print('note: logits outweigh probabilities: --average prob puts them on one scale',
              file=sys.stderr)  # fmt: skip


def main(args: argparse.Namespace) -> None:
    files = [load_scores(path) for path in args.files]
    fused = fuse_scores(files, weights=args.weights, average=args.average)
    if args.out:
        save_scores(args.out, fused)
    print(table(files, args.weights, fused))
    if args.average == 'score':
        warn_of_mixture(files)


if __name__ == '__main__':
    run(main, parse_args())
