"""Average the accuracies over splits: the figure for UCF101 and HMDB51 is the mean class accuracy.

python tools/analysis_tools/average_splits.py split1.pkl split2.pkl split3.pkl
"""

import argparse

from mmmotion.apis import run, script_parser
from mmmotion.evaluation.fusion import accuracies, check_same_classes
from mmmotion.evaluation.saved_scores import load_scores
from mmmotion.tables import format_table

COLUMNS = ('top-1', 'mean class')


def parse_args() -> argparse.Namespace:
    parser = script_parser(__doc__)
    parser.add_argument('files', nargs='+', help='scores of each split, from tools/test.py --dump')
    return parser.parse_args()


def table(files) -> str:
    results = [accuracies(file) for file in files]
    rows = [[result[column] for column in COLUMNS] for result in results]
    means = [sum(values) / len(values) for values in zip(*rows, strict=True)]
    named = [(file.source, *row) for file, row in zip(files, rows, strict=True)]
    return format_table(('split', *COLUMNS), [*named, ('mean', *means)])


def main(args: argparse.Namespace) -> None:
    files = [load_scores(path) for path in args.files]
    check_same_classes(files)
    print(table(files))


if __name__ == '__main__':
    run(main, parse_args())
