"""Make MotionShapes, the embedded data set, as MP4 files with MMAction2's lists.

python tools/data/motion_shapes/make_motion_shapes.py data/motion_shapes
"""

import argparse
import time
from dataclasses import fields
from pathlib import Path

import cv2

from mmmotion.apis import run, script_parser
from mmmotion.datasets.motion_shapes import (
    CLASSES,
    SPLITS,
    MotionShapesSpec,
    draw_preview,
    make_motion_shapes,
    print_progress,
)


def parse_args() -> argparse.Namespace:
    parser = script_parser(__doc__)
    spec = MotionShapesSpec()
    parser.add_argument('out_dir', type=Path, help='directory of the data set')
    for field in fields(spec):
        default = getattr(spec, field.name)
        if type(default) is int:
            name = '--' + field.name.replace('_', '-')
            parser.add_argument(name, type=int, default=default, help=f'default: {default}')
    parser.add_argument(
        '--classes',
        nargs='+',
        default=CLASSES,
        metavar='NAME',
        help=f'some of {", ".join(CLASSES)}',
    )
    parser.add_argument('--camera-motion', action='store_true', help='let the background drift')
    parser.add_argument('--workers', type=int, help='processes; default: one per processor')
    parser.add_argument('--preview', type=Path, metavar='FILE.png', help='also draw a picture')
    return parser.parse_args()


def write_preview(path: Path, spec: MotionShapesSpec) -> None:
    if not cv2.imwrite(str(path), draw_preview(spec)):
        raise OSError(f'{path}: expected a place for a picture, got one that cannot be written')
    print(f'Preview: {path}')


def main(args: argparse.Namespace) -> None:
    start = time.perf_counter()
    parameters = {field.name: getattr(args, field.name) for field in fields(MotionShapesSpec)}
    spec = MotionShapesSpec(**parameters)
    make_motion_shapes(args.out_dir, spec, workers=args.workers, report=print_progress)
    clips = ', '.join(f'{spec.num_clips(split)} {split}' for split in SPLITS)
    print(f'{args.out_dir}: {clips} clips, {time.perf_counter() - start:.1f} s')
    if args.preview:
        write_preview(args.preview, spec)


if __name__ == '__main__':
    run(main, parse_args(), interrupted='interrupted: the same command goes on from here')
