"""Correlate the accuracies of models over the classes, for every pair of files of scores.

python tools/analysis_tools/class_correlation.py rgb.pkl residual.pkl --names RGB residual
"""

import argparse

from mmmotion.apis import run, script_parser
from mmmotion.evaluation.per_class import class_correlation
from mmmotion.evaluation.saved_scores import load_scores
from mmmotion.tables import format_table


def parse_args() -> argparse.Namespace:
    parser = script_parser(__doc__)
    parser.add_argument('files', nargs='+', help='from tools/test.py --dump, all of the same list')
    parser.add_argument('--names', nargs='+', help='one per file; by default the files')
    return parser.parse_args()


def check_counts(args: argparse.Namespace) -> None:
    if len(args.files) < 2:
        raise ValueError(f'files: expected at least two to correlate, got {len(args.files)}')
    if args.names and len(args.names) != len(args.files):
        expected = f'{len(args.files)} names, one per file'
        raise ValueError(f'--names: expected {expected}, got {len(args.names)}')


def table(files, names) -> str:
    cells = [[f'{class_correlation(first, second):.3f}' for second in files] for first in files]
    rows = [(name, *row) for name, row in zip(names, cells, strict=True)]
    return format_table(('correlation', *names), rows)


def main(args: argparse.Namespace) -> None:
    check_counts(args)
    files = [load_scores(path) for path in args.files]
    print(table(files, args.names or args.files))


if __name__ == '__main__':
    run(main, parse_args())
