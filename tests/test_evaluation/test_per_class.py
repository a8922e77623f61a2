"""Accuracies class by class, against counting by hand, and the two tools on files."""

import math
import runpy
import statistics
import sys
from pathlib import Path

import numpy as np
import pytest

from mmmotion.evaluation.per_class import (
    class_accuracies,
    class_correlation,
    class_differences,
    extreme_classes,
    read_class_names,
)
from mmmotion.evaluation.saved_scores import SavedScores, save_scores

TOOLS = Path(__file__).parents[2] / 'tools/analysis_tools'
LABELS = np.array([0, 0, 0, 0, 1, 1, 2, 2, 2, 4, 4])  # no sample of class 3
CLASSES = 5


def answer(*hits, source='a.pkl', labels=LABELS):
    """Return scores that are right in the first ``hits`` of each class, and say 3 in others."""
    scores = np.zeros((len(labels), CLASSES))
    seen = [0] * CLASSES
    for row, label in zip(scores, labels, strict=True):
        row[label if seen[label] < hits[label] else 3] = 1
        seen[label] += 1
    return SavedScores(source, scores, labels)


FIRST = answer(4, 1, 1, 0, 2)  # 1, 1/2, 1/3, -, 1
SECOND = answer(1, 2, 0, 0, 1, source='b.pkl')  # 1/4, 1, 0, -, 1/2


@pytest.fixture
def run(monkeypatch, capsys):
    def run(tool, *arguments):
        script = str(TOOLS / f'{tool}.py')
        monkeypatch.setattr(sys, 'argv', [script, *map(str, arguments)])
        runpy.run_path(script, run_name='__main__')
        return capsys.readouterr().out

    return run


@pytest.fixture
def files(tmp_path):
    paths = [tmp_path / 'a.pkl', tmp_path / 'b.pkl']
    for path, saved in zip(paths, (FIRST, SECOND), strict=True):
        save_scores(path, saved)
    return paths


def test_accuracies():
    np.testing.assert_allclose(class_accuracies(FIRST), [1, 1 / 2, 1 / 3, math.nan, 1])
    np.testing.assert_allclose(class_accuracies(SECOND), [1 / 4, 1, 0, math.nan, 1 / 2])


def test_correlation_leaves_out_what_has_no_samples():
    expected = statistics.correlation([1, 1 / 2, 1 / 3, 1], [1 / 4, 1, 0, 1 / 2])
    assert class_correlation(FIRST, SECOND) == pytest.approx(expected)
    assert class_correlation(SECOND, FIRST) == pytest.approx(expected)
    assert class_correlation(FIRST, FIRST) == pytest.approx(1)


def test_opposites():
    labels = np.array([0, 1, 3, 4])
    first, second = answer(1, 0, 0, 1, 1, labels=labels), answer(0, 1, 0, 0, 0, labels=labels)
    second.scores[second.labels == 3] = [1, 0, 0, 0, 0]
    assert class_correlation(first, second) == pytest.approx(-1)


def test_a_constant_has_no_correlation():
    always = answer(4, 2, 3, 0, 2, source='c.pkl')
    with pytest.raises(ValueError, match=r'^c.pkl: expected accuracies that differ.*100.00% in ea'):
        class_correlation(FIRST, always)


@pytest.mark.parametrize('compare', [class_correlation, class_differences])
def test_other_lists(compare):
    labels = LABELS.copy()
    labels[3] = 1
    other = answer(1, 1, 1, 0, 1, source='c.pkl', labels=labels)
    with pytest.raises(ValueError, match=r'^c.pkl: expected 0 as label of sample 3, as in a.pkl'):
        compare(FIRST, other)
    short = answer(1, 1, 1, 0, 1, source='c.pkl', labels=LABELS[:-1])
    with pytest.raises(ValueError, match=r'^c.pkl: expected 11 samples, as in a.pkl, got 10$'):
        compare(FIRST, short)
    few = SavedScores('c.pkl', FIRST.scores[:, :4], LABELS)
    with pytest.raises(ValueError, match=r'^c.pkl: expected 5 classes, as in a.pkl, got 4$'):
        compare(FIRST, few)


def test_differences_are_of_the_first_against_the_second():
    expected = [3 / 4, -1 / 2, 1 / 3, math.nan, 1 / 2]
    np.testing.assert_allclose(class_differences(FIRST, SECOND), expected)


def test_extremes():
    differences = np.array([0.1, -0.5, math.nan, 0.4, 0.0, -0.2])
    assert extreme_classes(differences, 2).tolist() == [3, 0, 5, 1]
    assert extreme_classes(differences, 1).tolist() == [3, 1]
    assert extreme_classes(differences, 9).tolist() == [3, 0, 4, 5, 1]
    with pytest.raises(ValueError, match='^k: expected at least 1 class, got 0$'):
        extreme_classes(differences, 0)


def test_names(tmp_path):
    path = tmp_path / 'classes.txt'
    path.write_text('hula hooping\nyoga\n\n')
    assert read_class_names(path, 2) == ['hula hooping', 'yoga']
    assert read_class_names(None, 2) == ['0', '1']
    with pytest.raises(ValueError, match=r'classes.txt: expected 3 names of classes, got 2$'):
        read_class_names(path, 3)


def test_correlation_tool(run, files):
    value = f'{class_correlation(FIRST, SECOND):.3f}'
    lines = [
        line.split() for line in run('class_correlation', *files, '--names', 'A', 'B').split('\n')
    ]
    assert lines[:3] == [['correlation', 'A', 'B'], ['A', '1.000', value], ['B', value, '1.000']]


@pytest.mark.parametrize(
    ('arguments', 'sentence'),
    [
        (['{0}'], 'error: files: expected at least two to correlate, got 1'),
        (['{0}', '{1}', '--names', 'A'], 'error: --names: expected 2 names, one per file, got 1'),
    ],
)
def test_correlation_tool_refuses(run, files, capsys, arguments, sentence):
    with pytest.raises(SystemExit):
        run('class_correlation', *(argument.format(*files) for argument in arguments))
    assert sentence in capsys.readouterr().err


def test_difference_tool(run, files, tmp_path):
    names = tmp_path / 'classes.txt'
    names.write_text('clap\nyoga\nrun\nnever\nhop\n')
    out = tmp_path / 'chart.png'
    printed = run('class_difference', *files, '--classes', names, '--out', out, '--k', 1)
    rows = [line.split() for line in printed.splitlines()]
    assert rows[1] == ['clap', '100.00%', '25.00%', '+75.00']
    assert rows[2] == ['yoga', '50.00%', '100.00%', '-50.00']
    assert rows[3:] == [['picture:', str(out)]]
    assert out.stat().st_size > 0
