"""Cut-off videos and special files: no signal, no hang, and all who open a file agree on it."""

import json
import os
import subprocess
import sys

import numpy as np
from layouts import write_video

# As training and testing open a file, and as check_data does. Each in a fresh process, since what
# is tested for is the death of the process. One line per file: the error of each of the three.
OPEN = """
import json, sys
from mmengine.registry import init_default_scope
import mmmotion
from mmmotion.datasets import check_video
from mmmotion.registry import DATASETS

init_default_scope('mmaction')
sampler = dict(type='SampleFrames', clip_len=1, num_clips=4, test_mode=True)
shape = dict(type='FormatShape', input_format='NCHW')
read = [dict(type='DecordInit'), sampler, dict(type='DecordDecode')]
pipeline = [*read, shape, dict(type='PackActionInputs')]

def sentence(call):
    try:
        call()
    except (OSError, ValueError) as error:
        return str(error)
    return 'fine'

good, *paths = sys.argv[1:]
for path in paths:
    with open('list.txt', 'w') as file:
        file.write(f'{path} 0\\n{good} 1\\n')
    config = dict(type='mmmotion.RobustVideoDataset', ann_file='list.txt', pipeline=pipeline)
    training, test = (DATASETS.build(dict(config, test_mode=mode)) for mode in (False, True))
    label = int(training[0]['data_samples'].gt_label)
    said = [sentence(lambda: check_video(path)), sentence(lambda: test[0])]
    print('RESULT', json.dumps([path, label, *said]), flush=True)
"""


def write_rolling(path, codec):
    texture = np.random.default_rng(0).integers(0, 256, (48, 64, 3)).astype(np.uint8)
    write_video(path, [np.roll(texture, shift, axis=1) for shift in range(24)], codec, fps=24)
    return path.read_bytes() if path.exists() else b''


def open_all(folder, paths):
    write_rolling(folder / 'good.mp4', 'mp4v')
    command = [sys.executable, '-c', OPEN, 'good.mp4', *paths]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr[-2000:]
    lines = [line for line in done.stdout.splitlines() if line.startswith('RESULT')]
    results = [json.loads(line.removeprefix('RESULT ')) for line in lines]
    assert [path for path, *_ in results] == paths
    return results


def test_cut_at_many_lengths(tmp_path):
    percentages = (1, 3, 7, 15, 30, 45, 60, 75, 90, 95, 99, 100)
    paths = []
    for codec, suffix in (('XVID', 'avi'), ('MJPG', 'avi'), ('VP80', 'webm'), ('VP90', 'webm')):
        content = write_rolling(tmp_path / f'whole.{suffix}', codec)
        for percent in percentages if content else ():  # some OpenCVs write no WebM
            paths.append(f'{codec}_{percent}.{suffix}')
            (tmp_path / paths[-1]).write_bytes(content[: len(content) * percent // 100])
    checks = {}
    for path, label, checked, tested in open_all(tmp_path, paths):
        checks[path] = checked
        assert checked == tested
        assert label == (0 if checked == 'fine' else 1)  # read, or the good one in its place
        assert checked == 'fine' or checked.startswith(f'{path}: expected a video')
    for codec in ('XVID', 'MJPG'):
        assert checks[f'{codec}_1.avi'] != 'fine'
        assert checks[f'{codec}_60.avi'] == checks[f'{codec}_100.avi'] == 'fine'


def test_special_files(tmp_path):
    os.mkfifo(tmp_path / 'pipe.mp4')
    (tmp_path / 'zero.mp4').symlink_to('/dev/zero')
    for path, label, checked, tested in open_all(tmp_path, ['pipe.mp4', 'zero.mp4']):
        assert label == 1
        assert checked == tested == f'{path}: expected a video file, got a pipe or a device'


def test_a_name_without_suffix(tmp_path):
    write_rolling(tmp_path / 'a.mp4', 'mp4v')
    (tmp_path / 'b').write_bytes((tmp_path / 'a.mp4').read_bytes())
    mp4, bare, missing = open_all(tmp_path, ['a', 'b', 'c'])
    assert mp4 == ['a', 0, 'fine', 'fine']
    assert bare == ['b', 0, 'fine', 'fine']
    assert missing == ['c', 1, *['c.mp4: expected a video file, got no such file'] * 2]
