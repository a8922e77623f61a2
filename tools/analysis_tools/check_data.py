"""Check the lists of a config, and that its videos and frames can be opened, before training.

python tools/analysis_tools/check_data.py configs/pan/pan_lite_r50_sthv2.py
"""

import argparse
import sys
from collections.abc import Iterator

from mmengine.registry import init_default_scope
from mmengine.utils import track_iter_progress

from mmmotion.apis import config_parser, read_config, run
from mmmotion.datasets import check_frames, check_video
from mmmotion.registry import DATASETS


def parse_args() -> argparse.Namespace:
    parser = config_parser(__doc__)
    parser.add_argument('--min-frames', type=int, default=4, help='frames a video must have')
    return parser.parse_args()


def datasets(part: dict) -> Iterator[dict]:
    """Yield the data sets of a loader: itself, or what it repeats or joins."""
    if 'pipeline' in part:
        yield part
        return
    joined = [part['dataset']] if 'dataset' in part else part['datasets']
    for inner in joined:
        yield from datasets(inner)


def samples(cfg) -> Iterator[dict]:
    """Yield every sample that is trained, validated or tested on; lists are checked on the way."""
    for split in ('train', 'val', 'test'):
        loader = cfg.get(f'{split}_dataloader')  # a config may have no validation
        if not loader:
            continue
        for part in datasets(loader['dataset']):
            dataset = DATASETS.build(part)
            for index in range(len(dataset)):
                yield dataset.get_data_info(index)


def media_of(sample: dict) -> tuple:
    """Return what is read of a sample, whichever of the splits it stands in."""
    return tuple(sample.get(key) for key in ('filename', 'frame_dir', 'offset', 'total_frames'))


def check(sample: dict, min_frames: int) -> None:
    if 'frame_dir' in sample:
        check_frames(
            sample['frame_dir'],
            sample['total_frames'],
            filename_tmpl=sample['filename_tmpl'],
            start_index=sample.get('start_index', 1) + sample.get('offset', 0),
            flow=sample['modality'] == 'Flow',
        )
    else:
        check_video(sample['filename'], min_frames=min_frames)


def find_problems(cfg, min_frames: int) -> list[str]:
    once = {media_of(sample): sample for sample in samples(cfg)}
    distinct = list(once.values())
    if sys.stdout.isatty():
        distinct = track_iter_progress(distinct)
    found = []
    for sample in distinct:
        try:
            check(sample, min_frames)
        except (OSError, ValueError) as problem:
            found.append(str(problem))
    return found


def main(args: argparse.Namespace) -> None:
    cfg = read_config(args)
    init_default_scope(cfg.get('default_scope', 'mmaction'))
    found = find_problems(cfg, args.min_frames)
    print('\n' + '\n'.join([*found, f'{len(found)} problems']))
    sys.exit(1 if found else 0)


if __name__ == '__main__':
    run(main, parse_args())
