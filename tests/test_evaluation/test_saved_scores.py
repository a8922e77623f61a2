import os
import pickle
import runpy
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch
from mmengine.evaluator import DumpResults

from mmmotion.evaluation.fusion import accuracies, fuse_scores
from mmmotion.evaluation.saved_scores import SavedScores, load_scores, save_scores

TOOLS = Path(__file__).parents[2] / 'tools/analysis_tools'
NUM_SAMPLES, NUM_CLASSES = 60, 7
LABELS = np.random.default_rng(0).permutation(np.arange(NUM_SAMPLES) % NUM_CLASSES)


def draw(seed, labels=LABELS, num_classes=NUM_CLASSES):
    """Return logits that know a little about the labels."""
    scores = np.random.default_rng(seed).normal(size=(len(labels), num_classes)).astype(np.float32)
    scores[np.arange(len(labels)), labels] += 1
    return scores


def dump(path, scores, labels=LABELS, **more):
    """Write as tools/test.py does."""
    batch = torch.from_numpy(scores)  # rows share its storage, as those of a batch do
    samples = [
        dict(pred_score=row, gt_label=torch.tensor([int(label)]), num_classes=len(row),
             img_shape=(224, 224), **{key: values[i] for key, values in more.items()})
        for i, (row, label) in enumerate(zip(batch, labels, strict=True))
    ]  # fmt: skip
    metric = DumpResults(str(path))
    metric.process({}, samples)
    metric.evaluate(len(samples))
    return path


def softmax(scores):
    return torch.from_numpy(scores).double().softmax(dim=1).numpy()


def count_by_hand(scores, labels):
    """Return top-1, top-5 and mean class accuracy, one sample after the other."""
    top1 = top5 = 0
    hits, counts = [0] * scores.shape[1], [0] * scores.shape[1]
    for row, label in zip(scores.tolist(), labels.tolist(), strict=True):
        rank = sum(score > row[label] for score in row)
        top1 += rank == 0
        top5 += rank < 5
        hits[label] += rank == 0
        counts[label] += 1
    shares = [hit / count for hit, count in zip(hits, counts, strict=True) if count]
    return [top1 / len(labels), top5 / len(labels), sum(shares) / len(shares)]


@pytest.fixture
def files(tmp_path):
    return [dump(tmp_path / f'{name}.pkl', draw(seed)) for seed, name in enumerate('abc')]


@pytest.fixture
def call(monkeypatch, capsys):
    """Run a tool in this process; return its exit status and what it printed."""

    def call(tool, *args):
        monkeypatch.setattr(sys, 'argv', [tool, *map(str, args)])
        capsys.readouterr()  # what MMEngine logged as the files were written
        status = 0
        try:
            runpy.run_path(str(TOOLS / tool), run_name='__main__')
        except SystemExit as leave:
            status = leave.code
        said = capsys.readouterr()
        return status, said.out, said.err

    return call


class TestLoadScores:
    def test_what_dump_results_wrote(self, files):
        saved = load_scores(files[1])
        assert np.array_equal(saved.scores, draw(1))
        assert saved.scores.dtype == np.float64
        assert saved.labels.tolist() == LABELS.tolist()
        assert saved.names is None
        assert saved.source == str(files[1])

    def test_names(self, tmp_path):
        names = [f'{i}.mp4' for i in range(NUM_SAMPLES)]
        assert load_scores(dump(tmp_path / 'a.pkl', draw(0), filename=names)).names == tuple(names)

    @pytest.mark.parametrize('protocol', [2, 4, 5])
    @pytest.mark.parametrize('kind', ['numpy', 'half', 'list'])
    def test_other_holders_of_numbers(self, tmp_path, kind, protocol):
        scores = dict(numpy=np.array([0.5, 2]), half=torch.tensor([0.5, 2]).half(), list=[0.5, 2])
        label = np.int64(1) if kind == 'numpy' else torch.tensor([1])
        path = tmp_path / 'a.pkl'
        path.write_bytes(pickle.dumps([dict(pred_score=scores[kind], gt_label=label)], protocol))
        saved = load_scores(path)
        assert saved.scores.tolist() == [[0.5, 2]]
        assert saved.labels.tolist() == [1]

    @pytest.mark.parametrize(
        ('samples', 'said'),
        [
            ({}, 'a.pkl: expected a list of samples, got a dict of nothing'),
            ([], 'a.pkl: expected a list of samples, got an empty list'),
            ([7], 'sample 0: expected pred_score and gt_label, got int'),
            (
                [dict(pred_score=[1.0])],
                'expected pred_score and gt_label, got a dict of pred_score',
            ),
            ([dict(pred_score=torch.ones(2, 3), gt_label=[0])], r'got an array of shape \(2, 3\)$'),
            ([dict(pred_score=dict(rgb=1), gt_label=[0])], 'one per class, got a dict of rgb'),
            (
                [dict(pred_score=torch.tensor([1, torch.nan]), gt_label=[0])],
                r'got an array of shape \(2,\), not all finite numbers',
            ),
            ([dict(pred_score=[1.0, 2], gt_label=[2])], r'one gt_label of 0 to 1, got \[2'),
            ([dict(pred_score=[1.0, 2], gt_label=[-1])], r'one gt_label of 0 to 1, got \[-1'),
            ([dict(pred_score=[1.0, 2], gt_label=[0, 1])], 'one gt_label of 0 to 1, got '),
            (
                [dict(pred_score=[1.0] * n, gt_label=[0]) for n in (2, 3)],
                'expected as many scores of each sample, got {2, 3}',
            ),
        ],
    )
    def test_exception(self, tmp_path, samples, said):
        path = tmp_path / 'a.pkl'
        path.write_bytes(pickle.dumps(samples))
        with pytest.raises(ValueError, match=said) as caught:
            load_scores(path)
        assert '\n' not in str(caught.value)

    def test_damaged_or_missing(self, tmp_path, files):
        path = tmp_path / 'half.pkl'
        content = files[0].read_bytes()
        for broken in (b'', b'not a pickle', content[: len(content) // 2]):
            path.write_bytes(broken)
            with pytest.raises(
                ValueError, match='half.pkl: expected scores saved by tools/test.py'
            ):
                load_scores(path)
        with pytest.raises(
            FileNotFoundError, match='b.pkl: expected a file of scores, got no such'
        ):
            load_scores(tmp_path / 'no/b.pkl')


class Code:
    """Unpickling it would make a file."""

    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return os.mkdir, (str(self.path),)


class Smuggled:
    """The same, in the bytes of a tensor's storage, which torch would unpickle without a look."""

    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        inner = Path(f'{self.path}.inner')
        torch.save(Code(self.path), inner)
        return torch.storage._load_from_bytes, (inner.read_bytes(),)


@pytest.mark.parametrize('kind', [Code, Smuggled])
def test_code_is_refused_and_not_run(tmp_path, call, kind):
    path, ran = tmp_path / 'a.pkl', tmp_path / 'ran'
    path.write_bytes(pickle.dumps([dict(pred_score=kind(ran), gt_label=[0])]))
    with pytest.raises(ValueError, match='a.pkl: expected scores saved by tools/test.py') as caught:
        load_scores(path)
    assert kind is Smuggled or 'got one that asks for posix.mkdir' in str(caught.value)
    for tool in ('fuse_scores.py', 'average_splits.py'):
        assert call(tool, path)[0] == 2
    assert not ran.exists()
    pickle.loads(path.read_bytes())
    assert ran.exists()  # so it would have been


class RawObjects:
    """Would make Python objects of raw bytes."""

    def __reduce__(self):
        return np.ndarray, ((1,), np.dtype('O'), b'AAAAAAAA')


def test_raw_objects_are_refused(tmp_path, files):
    hostile = tmp_path / 'hostile.pkl'
    hostile.write_bytes(pickle.dumps([dict(pred_score=torch.ones(7), gt_label=RawObjects())]))
    tools = ['fuse_scores', 'average_splits', 'class_correlation', 'class_difference']
    code = f"""
import contextlib, runpy, sys
for tool in {tools}:
    sys.argv = [tool, {str(hostile)!r}, {str(files[0])!r}]
    with contextlib.suppress(SystemExit):
        runpy.run_path({str(TOOLS)!r} + f'/{{tool}}.py', run_name='__main__')
"""
    # in a process of its own, which the file would crash
    result = subprocess.run([sys.executable, '-c', code], capture_output=True, text=True)
    assert result.returncode == 0, result.stderr
    assert result.stderr.count('got a file may hold arrays of numbers') == len(tools)


class TestAccuracies:
    @pytest.mark.parametrize('seed', range(3))
    def test_reference(self, seed):
        labels = np.random.default_rng(seed).choice(NUM_CLASSES, 50, p=[0.4, 0.2, *[0.08] * 5])
        scores = draw(seed, labels)
        found = accuracies(SavedScores('a', scores.astype(float), labels))
        assert list(found) == ['top-1', 'top-5', 'mean class']
        assert list(found.values()) == pytest.approx(count_by_hand(scores, labels), abs=1e-12)
        assert abs(found['top-1'] - found['mean class']) > 1e-3

    def test_fewer_than_five_classes(self):
        scores = np.eye(3)[[0, 1, 1]]
        found = accuracies(SavedScores('a', scores, np.array([0, 1, 2])))
        assert found == pytest.approx({'top-1': 2 / 3, 'top-5': 1, 'mean class': 2 / 3})


class TestFuseScores:
    def test_score(self, files):
        saved = [load_scores(path) for path in files]
        fused = fuse_scores(saved)
        assert np.allclose(fused.scores, (draw(0).astype(float) + draw(1) + draw(2)) / 3)
        weighted = fuse_scores(saved, weights=[2, 0, 1]).scores
        assert np.allclose(weighted, (2 * draw(0).astype(float) + draw(2)) / 3)
        assert fused.labels.tolist() == LABELS.tolist()

    def test_prob(self, tmp_path, files):
        probabilities = dump(tmp_path / 'p.pkl', softmax(draw(1)).astype(np.float32))
        saved = [load_scores(files[0]), load_scores(probabilities)]
        assert [file.are_probabilities for file in saved] == [False, True]
        fused = fuse_scores(saved, average='prob', weights=[1, 3])
        assert np.allclose(fused.scores, (softmax(draw(0)) + 3 * softmax(draw(1))) / 4, atol=1e-6)

    def test_logits_of_saved_probabilities(self, tmp_path, files):
        """Fused as the logits themselves, but for a number that all classes share."""
        probabilities = dump(tmp_path / 'p.pkl', softmax(draw(1)).astype(np.float32))
        saved = [load_scores(files[0]), load_scores(probabilities)]
        fused = fuse_scores(saved, average='logit').scores
        expected = (draw(0).astype(float) + draw(1)) / 2
        assert np.allclose(softmax(fused), softmax(expected), atol=1e-5)

    def test_probabilities_of_half_precision(self):
        rounded = torch.from_numpy(softmax(draw(0))).bfloat16().double().numpy()
        assert abs(rounded.sum(axis=1) - 1).max() > 1e-4
        assert SavedScores('a', rounded, LABELS).are_probabilities

    def test_fusion_helps(self, files):
        saved = [load_scores(path) for path in files]
        best = max(accuracies(file)['top-1'] for file in saved)
        assert accuracies(fuse_scores(saved))['top-1'] > best

    @pytest.mark.parametrize(
        ('changed', 'said'),
        [
            (dict(weights=[1, 2]), 'weights: expected 3 numbers, one per file, got 2'),
            (dict(weights=[1, 1, -1]), r'weights: expected .* not all 0, got \[1.0, 1.0, -1.0\]'),
            (dict(weights=[0, 0, 0]), r'weights: expected .* not all 0, got \[0.0, 0.0, 0.0\]'),
            (dict(weights=[1, 1, float('nan')]), 'weights: expected finite numbers'),
            (dict(average='sum'), "average: expected one of score, prob, logit, got 'sum'"),
        ],
    )
    def test_exception(self, files, changed, said):
        with pytest.raises(ValueError, match=said):
            fuse_scores([load_scores(path) for path in files], **changed)

    def test_no_files(self):
        with pytest.raises(ValueError, match='files: expected at least one file of scores, got no'):
            fuse_scores([])

    def test_different_lists(self, tmp_path):
        names = [f'{i}.mp4' for i in range(NUM_SAMPLES)]
        first = dump(tmp_path / 'a.pkl', draw(0), filename=names)
        swapped = LABELS.copy()
        swapped[9] = (swapped[9] + 1) % NUM_CLASSES
        others = {
            'b.pkl: expected 60 samples, as in .*a.pkl, got 59': (draw(1)[1:], LABELS[1:], {}),
            f'expected {LABELS[9]} as label of sample 9, as in .*, got {swapped[9]}': (
                draw(1), swapped, {}),
            'expected 0.mp4 as name of sample 0, as in .*a.pkl, got 59.mp4': (
                draw(1), LABELS, dict(filename=names[::-1])),
            'b.pkl: expected 7 classes, as in .*a.pkl, got 8': (
                draw(1, num_classes=8), LABELS, {}),
        }  # fmt: skip
        for said, (scores, labels, more) in others.items():
            other = dump(tmp_path / 'b.pkl', scores, labels, **more)
            with pytest.raises(ValueError, match=said):
                fuse_scores([load_scores(first), load_scores(other)])


class TestSaveScores:
    def test_read_again(self, tmp_path):
        names = tuple(f'{i}.mp4' for i in range(NUM_SAMPLES))
        path = tmp_path / 'new/a.pkl'
        save_scores(path, SavedScores('fused', draw(0).astype(float), LABELS, names))
        saved = load_scores(path)
        assert np.array_equal(saved.scores, draw(0))
        assert saved.labels.tolist() == LABELS.tolist()
        assert saved.names == names
        assert path.stat().st_size < 1500 * NUM_SAMPLES  # no row carries the others'
        samples = pickle.loads(path.read_bytes())  # as upstream's own tools would
        assert samples[3]['pred_label'].tolist() == [draw(0)[3].argmax()]

    def test_never_half_written(self, tmp_path, monkeypatch):
        path = tmp_path / 'a.pkl'
        path.write_bytes(b'before')

        def fail(self, content):
            with open(self, 'wb') as file:
                file.write(content[:100])
            raise OSError('no space left')

        monkeypatch.setattr(Path, 'write_bytes', fail)
        with pytest.raises(OSError, match='no space left'):
            save_scores(path, SavedScores('fused', draw(0).astype(float), LABELS))
        assert path.read_bytes() == b'before'
        assert os.listdir(tmp_path) == ['a.pkl']


def percent(values):
    return [f'{value:.2%}' for value in values]


class TestTools:
    def test_fuse_scores(self, call, files, tmp_path):
        out = tmp_path / 'fused.pkl'
        status, said, _ = call('fuse_scores.py', *files, '--weights', 2, 1, 0, '--out', out)
        assert status == 0
        header, *rows = [line.split() for line in said.splitlines()]
        assert header == ['file', 'holds', 'weight', 'top-1', 'top-5', 'mean', 'class']
        fused = 2 * draw(0).astype(float) + draw(1)
        for row, path, weight, seed in zip(rows, files, '210', range(3), strict=False):
            assert row[:3] == [str(path), 'logits', weight]
            assert row[3:] == percent(count_by_hand(draw(seed), LABELS))
        assert rows[3] == ['fused', 'logits', *percent(count_by_hand(fused, LABELS))]
        assert np.allclose(load_scores(out).scores * 3, fused)

    def test_fuse_probabilities(self, call, files, tmp_path):
        mixed = [files[0], dump(tmp_path / 'p.pkl', softmax(draw(1)).astype(np.float32))]
        status, said, err = call('fuse_scores.py', *mixed)
        assert status == 0
        assert 'note: logits outweigh probabilities' in err
        status, said, err = call('fuse_scores.py', *mixed, '--average', 'prob')
        assert 'note' not in err
        rows = [line.split() for line in said.splitlines()[1:]]
        assert [row[1] for row in rows] == ['logits', 'probabilities', 'probabilities']
        mean = count_by_hand(softmax(draw(0)) + softmax(draw(1)), LABELS)
        assert rows[2][2:] == percent(mean)

    def test_mistake_is_one_sentence(self, call, files):
        status, said, err = call('fuse_scores.py', *files, '--weights', 1)
        assert (status, said) == (2, '')
        assert err.startswith('error: weights: expected 3 numbers, one per file, got 1')
        assert len(err.splitlines()) == 1

    def test_average_splits(self, call, tmp_path):
        paths, known = [], []
        for split, size in enumerate((40, 50, 60)):
            labels = LABELS[:size]
            paths.append(dump(tmp_path / f'{split}.pkl', draw(split, labels), labels))
            top1, _, mean = count_by_hand(draw(split, labels), labels)
            known.append([top1, mean])
        status, said, _ = call('average_splits.py', *paths)
        assert status == 0
        rows = [line.split() for line in said.splitlines()]
        assert rows[0] == ['split', 'top-1', 'mean', 'class']
        assert rows[1:4] == [[str(p), *percent(k)] for p, k in zip(paths, known, strict=True)]
        assert rows[4] == ['mean', *percent(np.mean(known, axis=0))]

    def test_splits_of_different_classes(self, call, files, tmp_path):
        other = dump(tmp_path / 'b.pkl', draw(1, num_classes=9))
        status, _, err = call('average_splits.py', files[0], other)
        assert status == 2
        assert 'expected 7 classes' in err
