"""Draw the classes in which one model is most better, and most worse, than another.

python tools/analysis_tools/class_difference.py residual.pkl rgb.pkl --classes classes.txt
"""

import argparse
from pathlib import Path

from mmmotion.apis import run, script_parser
from mmmotion.evaluation.per_class import (
    class_accuracies,
    class_differences,
    extreme_classes,
    read_class_names,
)
from mmmotion.evaluation.saved_scores import load_scores
from mmmotion.tables import format_table
from mmmotion.visualization import draw_class_differences


def parse_args() -> argparse.Namespace:
    parser = script_parser(__doc__)
    parser.add_argument('first', help='scores from tools/test.py --dump')
    parser.add_argument('second', help='scores of the model it is compared with, on the same list')
    parser.add_argument('--classes', help='names of the classes, one a line; else their indices')
    parser.add_argument('--out', default='class_difference.png', help='the picture')
    parser.add_argument('--k', type=int, default=5, help='how many of the best and of the worst')
    return parser.parse_args()


def table(files, chosen, names) -> str:
    first, second = (class_accuracies(file)[chosen] for file in files)
    points = [f'{100 * value:+.2f}' for value in first - second]
    header = ('class', *(file.source for file in files), 'points')
    return format_table(header, zip(names, first, second, points, strict=True))


def main(args: argparse.Namespace) -> None:
    files = [load_scores(path) for path in (args.first, args.second)]
    differences = class_differences(*files)
    chosen = extreme_classes(differences, args.k)
    all_names = read_class_names(args.classes, len(differences))
    names = [all_names[index] for index in chosen]
    title = f'{Path(args.first).stem} against {Path(args.second).stem}'
    draw_class_differences(differences[chosen], names, path=args.out, title=title)
    print(table(files, chosen, names))
    print(f'picture: {args.out}')


if __name__ == '__main__':
    run(main, parse_args())
