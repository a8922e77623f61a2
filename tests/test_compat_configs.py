"""The configs of an installed mmmotion by ``mmmotion::``, as those of OpenMMLab's packages."""

import mmengine.hub
import pytest
from mmengine.config import Config
from mmengine.config.utils import MODULE2PACKAGE
from mmengine.registry import TRANSFORMS
from mmengine.runner import Runner

import mmmotion.compat

NAME = 'pan/pan_lite_r50_sthv2.py'


def test_symptom(monkeypatch):
    monkeypatch.delitem(MODULE2PACKAGE, 'mmmotion')
    with pytest.raises(AssertionError, match='does not support to load mmmotion config'):
        mmengine.hub.get_config(f'mmmotion::{NAME}')


def test_base(tmp_path):
    file = tmp_path / 'mine.py'
    file.write_text(f"_base_ = 'mmmotion::{NAME}'\nmodel = dict(cls_head=dict(num_classes=7))\n")
    mmmotion.compat.apply_cures()  # a second time changes nothing
    read = Config.fromfile(file)
    expected = mmengine.hub.get_config(f'mmmotion::{NAME}')
    expected.model.cls_head.num_classes = 7
    assert read.model.pop('_scope_') == 'mmaction'  # mmengine marks what is inherited
    assert read.model.to_dict() == expected.model.to_dict()


def test_every_part_is_built(tmp_path):
    """As a training does it: names without a scope are MMAction2's, in whichever registry."""
    file = tmp_path / 'mine.py'
    file.write_text("_base_ = 'mmmotion::pan/pan_lite_r18_motionshapes.py'\n")
    cfg = Config.fromfile(file)
    runner = Runner.from_cfg(Config(dict(cfg, work_dir=str(tmp_path))))
    assert type(runner.model).__module__.startswith('mmaction')
    assert type(runner.visualizer).__name__ == 'ActionVisualizer'
    assert type(runner.build_evaluator(cfg.val_evaluator).metrics[0]).__name__ == 'AccMetric'
    assert type(runner.build_optim_wrapper(cfg.optim_wrapper)).__name__.endswith('OptimWrapper')
    for step in (*cfg.train_pipeline, *cfg.test_pipeline):
        assert TRANSFORMS.build(step)
