"""MMAction2's modules on NumPy 2: each symptom in a fresh Python, and the value with the cure."""

import colorsys
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import mmmotion

ROOT = Path(mmmotion.__file__).parents[1]
# The cures of other faults stay, without which MMAction2 cannot be imported.
UNCURED = """
import mmmotion
from mmmotion import compat
from mmmotion.compat.numpy2 import NUMPY2_CURES
for name in NUMPY2_CURES:
    del compat._HOOK.cures[name]
"""
CODES = {
    'Inf': """
        import numpy as np
        from mmaction.datasets.transforms import PoseCompact
        keypoint = np.array([[[[20., 30], [60, 70]]]])
        results = dict(img_shape=(100, 100), keypoint=keypoint)
        compact = PoseCompact(padding=0, threshold=1)(results)
        assert compact['img_shape'] == (40, 40), compact
    """,
    'in1d': """
        from mmaction.evaluation.metrics import RetrievalRecall
        pred, target = [[1, 2], [0, 2]], [[2], [1]]
        recall = RetrievalRecall.calculate(pred, target, 2, pred_indices=True, target_indices=True)
        assert recall[0] == 50, recall
    """,
    'trapz': """
        import numpy as np
        from mmaction.evaluation import average_recall_at_avg_proposals
        truth = dict(v=np.array([[0., 1], [1, 2]]))
        proposals = dict(v=np.array([[0., 1, 1], [1, 2, 1]]))
        auc = average_recall_at_avg_proposals(truth, proposals, 4)[-1]
        assert 0 < auc <= 100, auc
    """,
    'out of bounds for uint8': """
        import numpy as np
        from mmaction.datasets.transforms import ColorJitter
        red = np.array([[[255, 0, 0]]])
        # 25 steps of two degrees back from red
        assert ColorJitter.adjust_hue(red, -0.1).tolist() == [[[255, 0, 212]]]
    """,
}


def run(code):
    environment = {**os.environ, 'PYTHONPATH': str(ROOT), 'OMP_NUM_THREADS': '1'}
    command = [sys.executable, '-W', 'ignore', '-c', code]
    return subprocess.run(command, env=environment, capture_output=True, text=True)


def dedented(code):
    return code.replace('\n        ', '\n')


@pytest.mark.skipif(hasattr(np, 'in1d'), reason='NumPy has all of the names')
@pytest.mark.parametrize('symptom', CODES)
def test_symptom(symptom):
    result = run(UNCURED + dedented(CODES[symptom]))
    assert result.returncode != 0
    assert symptom in result.stderr.splitlines()[-1]


def test_cure():
    code = ''.join(dedented(code) for code in CODES.values())
    names = "assert not any(hasattr(np, name) for name in ('Inf', 'in1d', 'trapz'))"
    names = '' if hasattr(np, 'in1d') else names
    result = run(f'import mmmotion\n{code}\n{names}')
    assert result.returncode == 0, result.stderr


@pytest.mark.parametrize('factor', [-0.5, -0.1, 0.1, 0.5])
def test_hue(factor):
    from mmmotion.compat.numpy2 import adjust_hue

    turned = adjust_hue(np.array([[[0, 0, 255]]]), factor)
    hue = (240 + 2 * int(factor * 255)) % 360 / 360
    np.testing.assert_allclose(turned[0, 0] / 255, colorsys.hsv_to_rgb(hue, 1, 1), atol=0.01)
