"""The published folders of the data sets that configs name, tiny, and MMAction2's lists of them.

Media and annotations are named as their owners name them, frames and flow as MMAction2's tools
that extract them; the lists are written by the commands of MMAction2's own scripts.
"""

import json
import os
import re
import runpy
import shlex
import sys
from itertools import product
from pathlib import Path
from unittest import mock

import cv2
import mmaction
import numpy as np

MIM = Path(mmaction.__file__).parent / '.mim'
NUM_FRAMES = 40
CODECS = {'.avi': 'MJPG', '.mp4': 'mp4v', '.webm': 'VP80'}
SPLITS = (1, 2, 3)


def write_video(path, frames, codec=None, fps=12):
    """Write frames of (H, W, 3) as a video of the kind that its suffix says."""
    path.parent.mkdir(parents=True, exist_ok=True)
    height, width, _ = frames[0].shape
    codec = cv2.VideoWriter_fourcc(*(codec or CODECS[path.suffix]))
    writer = cv2.VideoWriter(str(path), codec, fps, (width, height))
    for frame in frames:
        writer.write(frame)
    writer.release()


def write_images(folder, frames, template='{:05}.jpg', start=1):
    folder.mkdir(parents=True, exist_ok=True)
    for number, frame in enumerate(frames, start):
        cv2.imwrite(str(folder / template.format(number)), frame)


def noise(num_frames=NUM_FRAMES):
    return np.random.default_rng(0).integers(0, 256, (num_frames, 48, 64, 3), np.uint8)


def write_text(path, lines):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text('\n'.join(lines) + '\n')


def write_numbered(data, name):
    """Something-Something V1 and Jester: folders of frames, and a csv file of each part."""
    stem = dict(sthv1='something-something-v1', jester='jester-v1')[name]
    labels = dict(
        sthv1=['Holding something', 'Turning something upside down'],
        jester=['Swiping Left', 'Swiping Right'],
    )[name]
    write_text(data / f'annotations/{stem}-labels.csv', labels)
    for part, first in (('train', 1), ('validation', 3), ('test', 5)):
        lines = [f'{number};{label}' for number, label in enumerate(labels, first)]
        write_text(data / f'annotations/{stem}-{part}.csv', lines)
        for number in range(first, first + len(labels)):
            write_images(data / f'rawframes/{number}', noise())


def write_sthv2(data, name):
    """Something-Something V2: numbered videos, and a json file of each part."""
    stem = 'something-something-v2'
    labels = {'Holding something': '0', 'Turning something upside down': '1'}
    write_text(data / f'annotations/{stem}-labels.json', [json.dumps(labels)])
    for part, first in (('train', 1), ('validation', 3), ('test', 5)):
        items = [
            dict(id=str(number), template=label.replace('something', '[something]'))
            for number, label in enumerate(labels, first)
        ]
        write_text(data / f'annotations/{stem}-{part}.json', [json.dumps(items)])
        for item in items:
            write_video(data / f'videos/{item["id"]}.webm', noise())


def write_kinetics(data, name):
    """Kinetics400: a folder of each class, whose spaces MMAction2's script has replaced."""
    for part in ('train', 'val', 'test'):
        lines = ['label,youtube_id,time_start,time_end,split']
        for label in ('air drumming', 'yoga'):
            lines.append(f'{label},-3B32lodo2{part[0]},59,69,{part}')
            file = f'{label.replace(" ", "_")}/-3B32lodo2{part[0]}_000059_000069.mp4'
            if part != 'test':
                write_video(data / f'videos_{part}/{file}', noise())
        write_text(data / f'annotations/kinetics_{part}.csv', lines)


def write_ucf101(data, name):
    """UCF101: videos, frames and flow; of three groups of videos split ``k`` tests one."""
    classes = ['ApplyEyeMakeup', 'YoYo']
    numbered = [f'{number} {label}' for number, label in enumerate(classes, 1)]
    write_text(data / 'annotations/classInd.txt', numbered)
    for split in SPLITS:
        lines = dict(train=[], test=[])
        for (number, label), group in product(enumerate(classes, 1), SPLITS):
            part = 'test' if group == split else 'train'
            number = '' if part == 'test' else f' {number}'
            lines[part].append(f'{label}/v_{label}_g{group:02}_c01.avi{number}')
        for part in lines:
            write_text(data / f'annotations/{part}list{split:02}.txt', lines[part])
    for label, group in product(classes, SPLITS):
        video = f'{label}/v_{label}_g{group:02}_c01'
        write_video(data / f'videos/{video}.avi', noise())
        write_images(data / f'rawframes/{video}', noise(), 'img_{:05}.jpg')
        for axis in 'xy':  # one flow between two frames
            flow = noise(NUM_FRAMES - 1)[..., 0]
            write_images(data / f'rawframes/{video}', flow, f'flow_{axis}_{{:05}}.jpg')


def write_hmdb51(data, name):
    """HMDB51: videos, and of each class and split a file with 1 for training and 2 for testing."""
    for label in ('brush_hair', 'wave'):
        videos = [f"#{group}_Bob's_(1)_{label}_f_nm_np1_ba_goo_0.avi" for group in SPLITS]
        for video in videos:
            write_video(data / f'videos/{label}/{video}', noise())
        for split in SPLITS:
            lines = [f'{video} {1 + (k == split)} ' for k, video in enumerate(videos, 1)]
            write_text(data / f'annotations/{label}_test_split{split}.txt', lines)


WRITERS = dict(
    sthv1=write_numbered,
    sthv2=write_sthv2,
    jester=write_numbered,
    kinetics400=write_kinetics,
    ucf101=write_ucf101,
    hmdb51=write_hmdb51,
)


def write_layout(root, name):
    """Write ``root/data/<name>`` as it is published: media and annotations."""
    WRITERS[name](root / 'data' / name, name)


def write_lists(root, name, kind='videos', options=()):
    """Write the lists in ``root/data/<name>`` by the commands of MMAction2's script.

    Args:
        kind: ``videos`` or ``rawframes``.
        options: more of ``build_file_list.py``, which overrule the script's.
    """
    folder = 'kinetics' if name == 'kinetics400' else name
    script = (MIM / f'tools/data/{folder}/generate_{kind}_filelist.sh').read_text()
    before = Path.cwd()
    os.chdir(root)
    try:
        for command in re.findall(r'(build_file_list\.py .*)', script):
            words = shlex.split(command.replace('${DATASET}', name))
            argv = [*words, '--seed', '0', *options]
            with (
                mock.patch.object(sys, 'argv', argv),
                mock.patch.object(sys, 'path', [str(MIM), *sys.path]),
            ):
                runpy.run_path(str(MIM / 'tools/data/build_file_list.py'), run_name='__main__')
    finally:
        os.chdir(before)
