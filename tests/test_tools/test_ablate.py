"""Seeds, threads and resumption of an ablation whose trainings are stand-ins."""

import json
import subprocess
from pathlib import Path

import pytest
import torch

SCRIPT = 'tools/analysis_tools/ablate.py'
CASES = """
config: some.py
cases:
  - {name: one thread, seeds: 2, threads: 1}
  - {name: two threads, seeds: [7, 3], threads: 2}
  - {name: plain}
"""


@pytest.fixture
def trainings(monkeypatch):
    """Seed and threads of each training, one unless given; the test of seed s gives s %."""
    seen = []
    monkeypatch.setattr(torch, 'get_num_threads', lambda: 1)

    def run(command, **kwargs):
        arguments = dict(zip(command[2:], command[3:], strict=False))
        work_dir = Path(arguments.get('--work-dir', '.'))
        work_dir.mkdir(parents=True, exist_ok=True)
        if command[1] == 'tools/train.py':
            seen.append((int(arguments['--seed']), kwargs['env']['OMP_NUM_THREADS']))
            (work_dir / 'last_checkpoint').write_text(f'epoch_{arguments["--seed"]}.pth')
        elif command[1] == 'tools/test.py':
            seed = int(command[3].removeprefix('epoch_').removesuffix('.pth'))
            (work_dir / 'now').mkdir()
            (work_dir / 'now/now.json').write_text(json.dumps({'acc/top1': seed / 100}))
        return subprocess.CompletedProcess(command, 0, stdout='abc', stderr='')

    monkeypatch.setattr(subprocess, 'run', run)
    return seen


@pytest.fixture
def ablate(call, tmp_path):
    (tmp_path / 'cases.yml').write_text(CASES)
    out = tmp_path / 'out.json'
    fixed = (SCRIPT, tmp_path / 'cases.yml', '--work-dir', tmp_path / 'work', '--out', out)
    return lambda *args: (*call(*fixed, *args), out)


def test_seeds_and_threads(ablate, trainings):
    """A count or a list; each value stands beside its seed and its threads."""
    *_, out = ablate()
    assert trainings == [(0, '1'), (1, '1'), (7, '2'), (3, '2'), (0, '1')]
    one, two, plain = json.loads(out.read_text())['rows']
    assert (one['values'], one['seeds'], one['threads']) == ([0, 1], [0, 1], [1, 1])
    assert (two['values'], two['seeds'], two['threads']) == ([7, 3], [7, 3], [2, 2])
    assert (two['mean'], two['spread']) == (5, 2.8)
    assert (plain['seeds'], plain['threads'], plain['spread']) == ([0], [1], None)


def test_resumes(ablate, trainings):
    """Some cases first, then all: none is trained twice."""
    *_, out = ablate('--only', 'two threads', 'plain')
    assert [row['name'] for row in json.loads(out.read_text())['rows']] == ['two threads', 'plain']
    ablate()
    assert trainings == [(7, '2'), (3, '2'), (0, '1'), (0, '1'), (1, '1')]


def test_other_rows_stay(ablate, trainings):
    """A row is replaced by its case's alone, and is there before the next case is trained."""
    *_, out = ablate()
    one, two, plain = json.loads(out.read_text())['rows']
    out.write_text(json.dumps(dict(metric='acc/top1', rows=[one, dict(two, mean=0), plain])))
    ablate('--only', 'two threads')
    assert json.loads(out.read_text())['rows'] == [one, two, plain]


def test_interrupted(ablate, trainings, monkeypatch, tmp_path):
    """What is trained is in the file when a later training fails."""
    run = subprocess.run

    def fail_on_seed_3(command, **kwargs):
        failed = '3' in command and command[1] == 'tools/train.py'
        return (
            subprocess.CompletedProcess(command, 1, '', 'no') if failed else run(command, **kwargs)
        )

    monkeypatch.setattr(subprocess, 'run', fail_on_seed_3)
    assert ablate()[0] == 2
    rows = json.loads((tmp_path / 'out.json').read_text())['rows']
    assert [row['name'] for row in rows] == ['one thread']


def test_other_metric(ablate, trainings):
    *_, out = ablate('--only', 'plain')
    status, _, said, _ = ablate('--metric', 'acc/top5')
    assert status == 2
    assert f'--out: expected a file of acc/top5, got {out} of acc/top1' in said
    assert len(trainings) == 1


def test_unknown_case(ablate, trainings):
    status, _, said, _ = ablate('--only', 'three threads')
    assert status == 2
    assert '--only: expected some of one thread, two threads, plain, got three threads' in said
    assert not trainings
