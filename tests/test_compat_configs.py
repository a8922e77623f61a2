"""The configs of an installed mmmotion by ``mmmotion::``, as those of OpenMMLab's packages."""

import mmengine.hub
import pytest
from mmengine.config import Config
from mmengine.config.utils import MODULE2PACKAGE
from mmengine.registry import MODELS

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
    assert read.model.pop('_scope_') == 'mmmotion'  # mmengine marks what is inherited
    assert read.model.to_dict() == expected.model.to_dict()


def test_build(tmp_path):
    file = tmp_path / 'mine.py'
    file.write_text(f"_base_ = 'mmmotion::{NAME}'\n")
    model = MODELS.build(Config.fromfile(file).model)
    assert type(model).__module__.startswith('mmaction')
