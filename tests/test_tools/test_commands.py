"""Every command of README's table "What you can do", as written there and cut short.

Each paper's main config on MotionShapes is trained, resumed and tested; what is shown is shown of
what was trained. Commands that have a test file of their own are only looked up there.
"""

import importlib
import json
import logging
import os
import re
import runpy
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import cv2
import pytest
import torch
import yaml

from mmmotion.evaluation.saved_scores import load_scores

from .conftest import ROOT

CONFIGS = dict(
    pan='configs/pan/pan_lite_r18_motionshapes.py',
    residual='configs/residual/residual_stride_r3d18_motionshapes.py',
    repflow='configs/repflow/repflow_flow_r18_motionshapes.py',
    off='configs/off/off_rgb_r18_motionshapes.py',
    dcd='configs/dcd/dcd_full_r18_motionshapes.py',
)
SPEC = dict(image_size=32, num_frames=17, num_train=8, num_val=8, num_test=8)
BENCHMARKS = dict(
    persistence=['--stacks', 1, '--height', 16, '--width', 16],
    representation_flow=['--pairs', 2, '--channels', 2, '--size', 8, '--num-iters', 2],
    residual=['--clips', 1],
    off=['--clips', 1, '--segments', 2, '--channels', 4, '--side', 8],
    displacement_map=['--channels', 4, '--height', 32, '--width', 40, '--flow-rounds', 1],
    pan_lite=['--size', 32, '--passes', 'inference'],
)
ELSEWHERE = {  # the test file that runs a script
    'train.py': 'test_tools/test_front_door.py',
    'test.py': 'test_tools/test_demos.py',
    'demo.py': 'test_tools/test_demos.py',
    'grad_cam.py': 'test_tools/test_demos.py',
    'select_classes.py': 'test_tools/test_select_classes.py',
    'make_motion_shapes.py': 'test_datasets/test_motion_shapes.py',
    'check_data.py': 'test_tools/test_check_data.py',
    'fuse_scores.py': 'test_evaluation/test_saved_scores.py',
    'average_splits.py': 'test_evaluation/test_saved_scores.py',
    'class_correlation.py': 'test_evaluation/test_per_class.py',
    'class_difference.py': 'test_evaluation/test_per_class.py',
    'pan_pytorch.py': 'test_converters/test_pan.py',
    'bn_inception_pytorch.py': 'test_models/test_bn_inception.py',
    'join_branches.py': 'test_tools/test_join_branches.py',
    'get_flops.py': 'test_tools/test_get_flops.py',
    'displacement_map.py': 'test_tools/test_flow_demos.py',
    'representation_flow.py': 'test_tools/test_flow_demos.py',
}
HERE = ['dist_train.sh', 'timescale_weights.py', 'off_maps.py', 'learning_curves.py', 'ablate.py']


def test_every_command_of_the_table_is_run():
    table = (ROOT / 'README.md').read_text().split('## What you can do')[1].split('\n\n')[1]
    scripts = set(re.findall(r'(\w+\.(?:py|sh))\b', re.sub(r'configs/\S+', '', table)))
    assert scripts <= {*ELSEWHERE, *HERE, *(f'{name}.py' for name in BENCHMARKS)}
    for script, test in ELSEWHERE.items():
        assert script.removesuffix('.py') in (ROOT / 'tests' / test).read_text(), script


@pytest.fixture(scope='module')
def shapes(tmp_path_factory):
    root = tmp_path_factory.mktemp('data') / 'motion_shapes'
    sizes = [str(w) for key, value in SPEC.items() for w in (f'--{key.replace("_", "-")}', value)]
    script = ROOT / 'tools/data/motion_shapes/make_motion_shapes.py'
    subprocess.run([sys.executable, script, root, *sizes], check=True, capture_output=True)
    return root


def tiny(shapes):
    """Return the options that point a config to a tiny MotionShapes, which is seen once."""
    pairs = [*(f'spec.{key}={value}' for key, value in SPEC.items()), f'data_root={shapes}']
    pairs.append('indices=None')
    options = ['train_cfg.max_epochs=2', 'train_dataloader.batch_size=4']
    options.append('default_hooks.checkpoint.interval=1')
    for split in ('train', 'val', 'test'):
        loader = f'{split}_dataloader'
        options += [f'{loader}.dataset.{pair}' for pair in pairs]
        options += [f'{loader}.num_workers=0', f'{loader}.persistent_workers=False']
    return options


@pytest.fixture(scope='module')
def papers(shapes, tmp_path_factory):
    """Train each paper's config when it is first asked for."""
    trained = {}

    def train(paper):
        if paper not in trained:
            work_dir = tmp_path_factory.mktemp(paper)
            start(
                'tools/train.py', CONFIGS[paper], '--work-dir', work_dir, '--cfg-options',
                *tiny(shapes),
            )  # fmt: skip
            trained[paper] = SimpleNamespace(
                config=CONFIGS[paper],
                work_dir=work_dir,
                checkpoint=work_dir / 'epoch_1.pth',
                video=next((shapes / 'videos/test').glob('*.mp4')),
            )
        return trained[paper]

    return train


def start(script, *arguments):
    """Run a script in this process, which has the libraries loaded."""
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(ROOT)
        patch.setattr(logging, 'raiseExceptions', False)  # loggers hold closed streams
        patch.setattr(sys, 'argv', [script, *map(str, arguments)])
        patch.syspath_prepend((ROOT / script).parent)
        runpy.run_path(str(ROOT / script), run_name='__main__')


@pytest.mark.parametrize('paper', CONFIGS)
def test_train_resume_test(papers, shapes, paper, tmp_path):
    trained = papers(paper)
    (trained.work_dir / 'epoch_2.pth').unlink()  # as if it had ended before
    (trained.work_dir / 'last_checkpoint').write_text(str(trained.checkpoint))
    options = ['--cfg-options', *tiny(shapes)]
    where = ['--work-dir', trained.work_dir, '--resume']
    start('tools/train.py', trained.config, *where, *options)
    assert (trained.work_dir / 'epoch_2.pth').is_file()
    options = ['--cfg-options', *tiny(shapes)]
    where = ['--work-dir', tmp_path, '--dump', tmp_path / 'scores.pkl']
    start('tools/test.py', trained.config, trained.checkpoint, *where, *options)
    (scores,) = tmp_path.glob('*/*.json')
    assert 0 <= json.loads(scores.read_text())['acc/top1'] <= 1
    assert len(load_scores(tmp_path / 'scores.pkl').scores) == SPEC['num_test']


def test_two_processes(shapes, tmp_path):
    options = ['--work-dir', tmp_path, '--no-validate', '--cfg-options', *tiny(shapes)]
    env = {**os.environ, 'OMP_NUM_THREADS': '1'}
    env['PATH'] = f'{Path(sys.executable).parent}:{env["PATH"]}'
    command = [ROOT / 'tools/dist_train.sh', CONFIGS['pan'], '2', *map(str, options)]
    subprocess.run(command, cwd=ROOT, env=env, capture_output=True, check=True)
    assert (tmp_path / 'epoch_1.pth').is_file()


@pytest.mark.parametrize(
    ('script', 'paper', 'options'),
    [('timescale_weights', 'pan', []), ('off_maps', 'off', ['--layer', 'layer1'])],
)
def test_pictures(papers, tmp_path, script, paper, options):
    trained, picture = papers(paper), tmp_path / 'picture.png'
    model = ['--config', trained.config, '--checkpoint', trained.checkpoint]
    start(f'demo/{script}.py', trained.video, *model, '--out', picture, *options)
    assert cv2.imread(str(picture)).std() > 10


def test_learning_curves(papers, tmp_path):
    picture = tmp_path / 'curves.png'
    runs = [f'{paper}={papers(paper).work_dir}' for paper in ('pan', 'off')]
    start('tools/analysis_tools/learning_curves.py', *runs, '--key', 'loss', '--out', picture)
    assert cv2.imread(str(picture)).std() > 10


def test_ablate(shapes, tmp_path):
    cases = [dict(name='short', config=CONFIGS['pan'], options=tiny(shapes), seeds=1)]
    (tmp_path / 'cases.yml').write_text(yaml.safe_dump(dict(cases=cases)))
    where = ['--work-dir', tmp_path / 'work', '--out', tmp_path / 'result.json']
    start('tools/analysis_tools/ablate.py', tmp_path / 'cases.yml', *where)
    (row,) = json.loads((tmp_path / 'result.json').read_text())['rows']
    assert row['name'] == 'short'
    assert 0 <= row['mean'] <= 100


@pytest.fixture
def quick_measures(monkeypatch):
    """Spare compilation, and the processes that measure memory but for one of each benchmark."""
    monkeypatch.syspath_prepend(ROOT / 'tools/benchmark')
    timing = importlib.import_module('_timing')
    measured = []
    run_child = timing._run_child

    def once(arguments):
        measured.append(measured[0] if measured else run_child(arguments))
        return measured[0]

    monkeypatch.setattr(timing, '_run_child', once)
    monkeypatch.setattr(torch, 'compile', lambda function: function)


@pytest.mark.parametrize('name', BENCHMARKS)
def test_benchmarks(quick_measures, name, tmp_path):
    result = tmp_path / 'result.json'
    options = ['--threads', 1, '--rounds', 1, '--device', 'cpu', '--out', result]
    start(f'tools/benchmark/{name}.py', *options, *BENCHMARKS[name])
    assert json.loads(result.read_text())
