"""Branches trained apart become one checkpoint, or one sentence says what is missing."""

import runpy
import sys

import pytest
import torch
from mmengine.config import Config

from mmmotion.registry import MODELS

from .conftest import ROOT

SCRIPT = ROOT / 'tools/convert/join_branches.py'
CONFIG = ROOT / 'configs/pan/pan_full_r18_motionshapes.py'


@pytest.fixture(scope='module')
def parts(tmp_path_factory):
    """Checkpoints of both branches, as their own configs would have trained them."""
    root = tmp_path_factory.mktemp('parts')
    model = MODELS.build(Config.fromfile(CONFIG).model)
    saved = {name: branch.state_dict() for name, branch in model.branches.items()}
    meta = dict(dataset_meta=dict(classes=['a', 'b']))
    for name, weights in saved.items():
        torch.save(dict(state_dict=weights, meta=meta), root / f'{name}.pth')
    return root, saved


def run(monkeypatch, *arguments):
    monkeypatch.setattr(sys, 'argv', [str(SCRIPT), *map(str, arguments)])
    runpy.run_path(str(SCRIPT), run_name='__main__')


def test_every_weight_arrives(parts, monkeypatch, tmp_path):
    root, saved = parts
    out = tmp_path / 'full.pth'
    run(monkeypatch, CONFIG, out, f'rgb={root}/rgb.pth', f'pa={root}/pa.pth')
    joined = torch.load(out)
    assert joined['meta']['dataset_meta'] == dict(classes=['a', 'b'])
    expected = {f'branches.{n}.{k}': v for n, part in saved.items() for k, v in part.items()}
    assert joined['state_dict'].keys() == expected.keys()
    assert all(torch.equal(joined['state_dict'][key], value) for key, value in expected.items())


@pytest.mark.parametrize(
    ('pairs', 'sentence'),
    [
        (['rgb={}/rgb.pth'], 'branches: expected one checkpoint for each of rgb, pa, got rgb'),
        (['rgb={}/rgb.pth', 'rgb={}/rgb.pth'], 'branches: expected each name once, got rgb twice'),
        (['rgb={}/rgb.pth', 'pa={}/rgb.pth'], 'pa: expected the 126 weights of Recognizer2D, got'),
        (['rgb={}/rgb.pth', 'pa={}/none.pth'], 'pa: expected a file, got'),
        (['rgb.pth'], 'branches: expected NAME=CHECKPOINT, got rgb.pth'),
    ],
)
def test_one_sentence_and_no_file(parts, monkeypatch, tmp_path, capsys, pairs, sentence):
    out = tmp_path / 'full.pth'
    with pytest.raises(SystemExit) as leave:
        run(monkeypatch, CONFIG, out, *(pair.format(parts[0]) for pair in pairs))
    assert leave.value.code == 2
    assert sentence in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


def test_a_model_without_branches(parts, monkeypatch, tmp_path, capsys):
    config = ROOT / 'configs/pan/pan_lite_r18_motionshapes.py'
    with pytest.raises(SystemExit):
        run(monkeypatch, config, tmp_path / 'full.pth', f'rgb={parts[0]}/rgb.pth')
    assert 'config: expected a BranchRecognizer, got a Recognizer2D' in capsys.readouterr().err
