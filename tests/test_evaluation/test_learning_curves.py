import json

import pytest
from matplotlib.image import imread

from mmmotion.evaluation.learning_curves import read_curve
from mmmotion.visualization import draw_curves


@pytest.fixture
def work_dir(tmp_path):
    """A run, resumed from its step 20, with validations between."""
    logs = dict(
        a=[
            dict(step=10, lr=1, loss=4.0),
            dict(step=20, lr=1, loss=3.0),
            {'acc/top1': 0.5, 'step': 1},
        ],
        b=[dict(step=20, lr=1, loss=2.0), dict(step=30, lr=1, loss=1.0, top1_acc=0.7)],
    )
    for name, rows in logs.items():
        folder = tmp_path / f'2026_{name}/vis_data'
        folder.mkdir(parents=True)
        (folder / 'scalars.json').write_text('\n'.join(map(json.dumps, rows)))
    return tmp_path


def test_values(work_dir):
    assert read_curve(work_dir, 'loss') == ([10, 20, 30], [4, 2, 1])
    assert read_curve(work_dir, 'loss', window=2) == ([10, 20, 30], [4, 3, 1.5])
    assert read_curve(work_dir, 'top1_acc') == ([30], [0.7])


def test_what_is_missing(work_dir):
    with pytest.raises(ValueError, match="key: expected one .*loss.* got 'top5_acc'"):
        read_curve(work_dir, 'top5_acc')
    with pytest.raises(ValueError, match='nowhere: expected the log of a training, got none'):
        read_curve(work_dir / 'nowhere', 'loss')


def test_picture(work_dir):
    path = work_dir / 'curves.png'
    draw_curves({'a run': read_curve(work_dir, 'loss')}, path=path, label='loss')
    blue = imread(path)[..., :3] @ [-1, 0, 1] > 0.4
    assert blue.sum() > 300
