"""Make MotionShapes, the embedded data set, as MP4 files with MMAction2's lists."""

import argparse
import sys
import time
from dataclasses import fields
from pathlib import Path

import cv2

from mmmotion.datasets.motion_shapes import (
    CLASSES,
    MotionShapesSpec,
    draw_preview,
    make_motion_shapes,
    print_progress,
)


def parse_args():
    parser = argparse.ArgumentParser(description=__doc__)
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


def spec_of(args):
    return MotionShapesSpec(**{f.name: getattr(args, f.name) for f in fields(MotionShapesSpec)})


def write_preview(path, spec):
    if not cv2.imwrite(str(path), draw_preview(spec)):
        raise OSError(f'{path}: expected a place for a picture, got one that cannot be written')
    print(f'Preview: {path}')


def run(args):
    start, spec = time.perf_counter(), spec_of(args)
    make_motion_shapes(args.out_dir, spec, workers=args.workers, report=print_progress)
    clips = ', '.join(
        f'{getattr(spec, f"num_{split}")} {split}' for split in ('train', 'val', 'test')
    )
    print(f'{args.out_dir}: {clips} clips, {time.perf_counter() - start:.1f} s')
    if args.preview:
        write_preview(args.preview, spec)


def main():
    args = parse_args()
    try:
        run(args)
    except KeyboardInterrupt:
        sys.exit('\nInterrupted: the same command goes on from here.')
    except (ValueError, OSError, cv2.error) as error:
        sys.exit(f'make_motion_shapes.py: {error}')


if __name__ == '__main__':
    main()
