"""Bad media are found before training, each in one sentence."""

import re

from .conftest import CONFIG, run


def test_whole_data_set(options):
    done = run('tools/analysis_tools/check_data.py', CONFIG, *options)
    assert done.stdout.splitlines()[-1] == '0 problems'


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
    assert len(re.findall(r'cut\.mp4: expected', done.stdout)) == 2  # of training and validation
    assert done.stdout.splitlines()[-1] == '2 problems'
