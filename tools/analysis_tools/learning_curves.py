"""Draw a logged value of several trainings over their iterations, and keep it as JSON.

python tools/analysis_tools/learning_curves.py OFF=WORK_DIR TSN=WORK_DIR --key top1_acc --out a.png
"""

import argparse
import json
from pathlib import Path

from mmmotion.apis import run, script_parser
from mmmotion.evaluation.learning_curves import read_curve
from mmmotion.files import whole_file
from mmmotion.visualization import draw_curves


def parse_args() -> argparse.Namespace:
    parser = script_parser(__doc__)
    parser.add_argument('runs', nargs='+', help='work dirs, each NAME=DIR or DIR')
    parser.add_argument('--key', default='top1_acc', help='what was logged')
    parser.add_argument('--window', type=int, default=3, help='logged values that are averaged')
    parser.add_argument('--out', default='curves.png', help='the picture')
    parser.add_argument('--json', type=Path, help='file for the numbers')
    return parser.parse_args()


def split(run: str) -> tuple[str, str]:
    name, found, folder = run.rpartition('=')
    return (name, folder) if found else (Path(run).name, run)


def main(args: argparse.Namespace) -> None:
    runs = dict(map(split, args.runs))
    curves = {
        name: read_curve(folder, args.key, window=args.window) for name, folder in runs.items()
    }
    draw_curves(curves, path=args.out, label=args.key)
    if args.json:
        rows = [dict(name=n, steps=s, values=v) for n, (s, v) in curves.items()]
        with whole_file(args.json) as partial:
            partial.write_text(json.dumps(dict(key=args.key, rows=rows), indent=2) + '\n')
    print(f'picture: {args.out}')


if __name__ == '__main__':
    run(main, parse_args())
