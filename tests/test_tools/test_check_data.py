"""Bad media are found before training, each in one sentence."""

import re

import cv2
import numpy as np
import pytest

from .conftest import CONFIG, run


def test_whole_data_set(options):
    done = run('tools/analysis_tools/check_data.py', CONFIG, *options)
    assert done.stdout.split('\n', 1)[-1] == '0 problems\n'  # and no bar of progress in a file


def test_names_the_broken_video(data, options, tmp_path):
    lines = (data / 'train.txt').read_text().splitlines()
    good, label = lines[0].split()
    (tmp_path / 'cut.mp4').write_bytes((data / good).read_bytes()[:200])
    (tmp_path / 'list.txt').write_text(f'{data / good} {label}\n{tmp_path}/cut.mp4 {label}\n')
    (tmp_path / 'config.py').write_text(
        "default_scope = 'mmaction'\nmodel = dict()\n"
        f"dataset = dict(type='mmmotion.RobustVideoDataset', ann_file='{tmp_path}/list.txt', "
        'pipeline=[])\ntrain_dataloader = val_dataloader = dict(dataset=dataset)\n'
    )
    done = run('tools/analysis_tools/check_data.py', tmp_path / 'config.py', check=False)
    assert done.returncode == 1
    assert len(re.findall(r'cut\.mp4: expected', done.stdout)) == 1  # in training and in validation
    assert done.stdout.splitlines()[-1] == '1 problems'


@pytest.mark.parametrize(('start', 'offset', 'problems'), [(0, 0, 0), (1, 0, 1), (0, 3, 0)])
def test_numbers_of_frames(call, tmp_path, start, offset, problems):
    """A list may count from 0, and a clip may begin within its folder."""
    (tmp_path / 'clip').mkdir()
    for number in range(offset, offset + 4):
        cv2.imwrite(f'{tmp_path}/clip/img_{number:05}.jpg', np.zeros((8, 8, 3), np.uint8))
    (tmp_path / 'list.txt').write_text(f'clip {offset} 4 0\n')
    (tmp_path / 'config.py').write_text(
        "model = dict()\ntest_dataloader = dict(dataset=dict(type='RepeatDataset', times=1, "
        f"dataset=dict(type='mmmotion.RobustRawframeDataset', ann_file='{tmp_path}/list.txt', "
        f"data_prefix=dict(img='{tmp_path}'), with_offset=True, start_index={start}, pipeline=[])))"
    )
    status, out, _ = call('tools/analysis_tools/check_data.py', tmp_path / 'config.py')
    assert out.splitlines()[-1] == f'{problems} problems'
    assert status == bool(problems)
