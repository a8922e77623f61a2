"""Print what a quickstart reached, and where its results are.

python tools/analysis_tools/report.py work_dirs/pan_lite_r18_motionshapes
"""

import argparse
import json
from pathlib import Path

from mmmotion.apis import run, script_parser


def newest(paths, what: str) -> Path:
    paths = sorted(paths, key=lambda path: path.stat().st_mtime)
    if not paths:
        raise FileNotFoundError(f'work_dir: expected {what}, got none')
    return paths[-1]


def parse_args() -> argparse.Namespace:
    parser = script_parser(__doc__)
    parser.add_argument('work_dir', type=Path, help='where train.py, test.py and demo.py wrote')
    parser.add_argument('--num-classes', type=int, default=8, help='classes of the data set')
    return parser.parse_args()


def main(args: argparse.Namespace) -> None:
    results = newest(args.work_dir.glob('test/*/*.json'), 'the JSON file of a test under test/')
    curves = newest(args.work_dir.glob('*/vis_data/events.*'), 'TensorBoard events')
    accuracy = json.loads(results.read_text())['acc/top1']
    checkpoint = (args.work_dir / 'last_checkpoint').read_text().strip()
    chance = 1 / args.num_classes
    print(f'top-1 accuracy  {accuracy:.1%} on the test split (chance: {chance:.1%})')
    print(f'picture         {args.work_dir / "demo.png"}')
    print(f'checkpoint      {Path(checkpoint).resolve()}')
    print(f'curves          tensorboard --logdir {curves.parent}')


if __name__ == '__main__':
    run(main, parse_args())
