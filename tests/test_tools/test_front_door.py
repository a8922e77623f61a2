"""What a new user does first, with real weights, on the published layout of a data set."""

import re
from pathlib import Path

import cv2
import mmaction
import numpy as np
import pytest
from mmengine.config import Config

from .conftest import ROOT, run

UPSTREAM_TRAIN = Path(mmaction.__file__).parent / '.mim/tools/train.py'
TSM = 'mmaction::recognition/tsm/tsm_imagenet-pretrained-r50_8xb16-1x1x8-50e_sthv2-rgb.py'
FULL = ROOT / 'configs/pan/pan_full_r50_sthv2.py'
LITE = ROOT / 'configs/pan/pan_lite_r50_sthv2.py'
LOADERS = ('train_dataloader', 'val_dataloader', 'test_dataloader')


@pytest.fixture(scope='module')
def home(weight_cache, tmp_path_factory):
    """A working directory with Something-Something V2 as it is published, and the weights."""
    root = tmp_path_factory.mktemp('home')
    videos = root / 'data/sthv2/videos'
    videos.mkdir(parents=True)
    rng = np.random.default_rng(0)
    for name in ('1', '2'):
        writer = cv2.VideoWriter(
            str(videos / f'{name}.webm'), cv2.VideoWriter_fourcc(*'VP80'), 12, (64, 48)
        )
        for _ in range(40):
            writer.write(rng.integers(0, 256, (48, 64, 3), np.uint8))
        writer.release()
    for split in ('train', 'val'):
        lines = '1.webm 3\n2.webm 173\n'
        (root / f'data/sthv2/sthv2_{split}_list_videos.txt').write_text(lines)
    weight_cache.provide(Config(dict(pretrained='torchvision://resnet50')))
    return root


@pytest.fixture(scope='module')
def upstream_config(home):
    """Two lines: a config of MMAction2's, and ours among its imports."""
    path = home / 'tsm.py'
    path.write_text(
        f"_base_ = '{TSM}'\ncustom_imports = dict(imports=['mmmotion'], allow_failed_imports=False)"
    )
    return path


@pytest.fixture(scope='module')
def readme_config(home):
    """README's module of ours in a config of one's own."""
    (example,) = re.findall(
        r"```python\n(_base_ = '.*?)```", (ROOT / 'README.md').read_text(), re.S
    )
    assert example.startswith(f"_base_ = '{TSM}'")
    path = home / 'mine.py'
    path.write_text(example)
    return path


def short(home, config):
    """Return the options that make a training one step on small frames, and nothing else."""
    cfg = Config.fromfile(config)
    options = ['train_cfg.max_epochs=1', 'train_dataloader.batch_size=2']
    for loader in LOADERS:
        options += [
            f'{loader}.num_workers=0',
            f'{loader}.persistent_workers=False',
            *(
                f'{loader}.dataset.pipeline.{index}.{key}={value}'
                for index, step in enumerate(cfg[loader].dataset.pipeline)
                for key, value in smaller(step).items()
            ),
        ]
    return ['--cfg-options', *options]


def smaller(step):
    sizes = dict(Resize=('scale', '"(64,64)"'), MultiScaleCrop=('input_size', 48))
    sizes.update(CenterCrop=('crop_size', 48), ThreeCrop=('crop_size', 48))
    name = step.type.rpartition('.')[2]
    return dict([sizes[name]]) if name in sizes else {}


def train(script, home, weight_cache, config, work_dir):
    options = short(home, config)
    env = dict(TORCH_HOME=str(weight_cache.root))
    run(script, config, '--work-dir', work_dir, *options, cwd=home, env=env)
    (log,) = work_dir.glob('*/*.log')
    assert 'loss: ' in log.read_text()
    assert (work_dir / 'epoch_1.pth').is_file()


@pytest.mark.parametrize('config', [FULL, LITE], ids=lambda path: path.stem)
def test_our_tool_on_our_configs(home, weight_cache, config, tmp_path):
    train(ROOT / 'tools/train.py', home, weight_cache, config, tmp_path)


def test_upstreams_tool_on_our_config(home, weight_cache, tmp_path):
    train(UPSTREAM_TRAIN, home, weight_cache, LITE, tmp_path)


def test_our_tool_on_upstreams_config(home, weight_cache, upstream_config, tmp_path):
    train(ROOT / 'tools/train.py', home, weight_cache, upstream_config, tmp_path)


@pytest.mark.parametrize(
    'script', [ROOT / 'tools/train.py', UPSTREAM_TRAIN], ids=['ours', 'mmaction']
)
def test_readmes_example(home, weight_cache, readme_config, script, tmp_path):
    train(script, home, weight_cache, readme_config, tmp_path)


def test_weights_of_another_network(home, weight_cache, tmp_path):
    """A sentence with the share that fits, and nothing is trained."""
    weight_cache.provide(Config(dict(pretrained='torchvision://resnet34')))
    options = short(home, LITE)
    options.append('model.backbone.backbone.pretrained=torchvision://resnet34')
    env = dict(TORCH_HOME=str(weight_cache.root))
    script = ROOT / 'tools/train.py'
    done = run(script, LITE, '--work-dir', tmp_path, *options, check=False, cwd=home, env=env)
    assert done.returncode == 2
    said = r'got torchvision://resnet34, which holds 4\d\.\d% of its kernels, but not layer1'
    assert re.search(said, done.stderr)
    assert 'Traceback' not in done.stderr
    assert not list(tmp_path.glob('*.pth'))
