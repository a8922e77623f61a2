"""A blank sample has the shapes that a config's own pipelines give to a real video."""

from pathlib import Path

import pytest
import torch
from mmengine.config import Config

import mmmotion  # noqa: F401
from mmmotion.apis import blank_sample

CONFIGS = Path(__file__).parents[2] / 'configs'


def shape(cfg, **kwargs):
    (inputs,) = blank_sample(cfg, **kwargs)['inputs']
    return tuple(inputs.shape)


@pytest.mark.parametrize(
    ('name', 'tested', 'trained'),
    [
        ('pan/pan_lite_r50_sthv2', (8, 3, 4, 224, 224), (8, 3, 4, 224, 224)),
        ('pan/pan_full_eco_ucf101', (2, 3, 32, 256, 256), (1, 3, 32, 224, 224)),
        ('residual/residual_pool_r3d18_ucf101', (10, 3, 17, 112, 112), (1, 3, 17, 112, 112)),
        ('off/off_flow_bninception_ucf101', (25, 10, 224, 224), (7, 10, 224, 224)),
        ('dcd/dcd_flow_change_bninception_ucf101', (10, 3, 7, 224, 224), (3, 3, 7, 224, 224)),
    ],
)
def test_views_segments_frames_channels_and_size(name, tested, trained):
    cfg = Config.fromfile(CONFIGS / f'{name}.py')
    assert shape(cfg) == tested
    assert shape(cfg, split='train') == trained


def test_overrides():
    cfg = Config.fromfile(CONFIGS / 'residual/residual_rgb_r3d18_motionshapes.py')
    batch = blank_sample(cfg, batch_size=2, num_clips=1, size=32)
    assert [tuple(clip.shape) for clip in batch['inputs']] == [(1, 3, 17, 32, 32)] * 2
    assert [sample.gt_label.item() for sample in batch['data_samples']] == [0, 0]
    assert batch['inputs'][0].dtype == torch.uint8


def test_config_of_upstream(tmp_path):
    """Whose clips are 1 frame of 2 views and 3 crops in a test, and which has no test_pipeline."""
    name = 'tsm_imagenet-pretrained-r50_8xb16-1x1x8-50e_sthv2-rgb'
    (tmp_path / 'own.py').write_text(f"_base_ = 'mmaction::recognition/tsm/{name}.py'\n")
    cfg = Config.fromfile(tmp_path / 'own.py')
    assert shape(cfg, split='val') == (8, 3, 224, 224)
    cfg.pop('test_pipeline')
    assert shape(cfg) == (2 * 3 * 8, 3, 256, 256)


def test_wrapped_data_set():
    cfg = Config.fromfile(CONFIGS / 'pan/pan_lite_r18_motionshapes.py')
    cfg.train_dataloader.dataset = dict(type='RepeatDataset', dataset=cfg.train_dataloader.dataset)
    assert shape(cfg, split='train') == shape(cfg)


def test_no_such_loader():
    with pytest.raises(ValueError, match='test_dataloader: expected one in the config, got none'):
        blank_sample(Config(dict(model=dict())))
