"""MMAction2's unit tests, in little: a clone that is made up, the installed package."""

import pytest

SCRIPT = 'tools/analysis_tools/upstream_tests.py'
TESTS = """
import sys
from importlib.util import find_spec
from pathlib import Path
from urllib.error import URLError


def test_package_and_configs():
    package = Path(find_spec('mmaction').origin).parent
    assert not (package / 'clone.txt').exists()
    assert (package.parent / 'configs/clone.txt').exists()


def test_mmmotion():
    assert 'mmmotion' in sys.modules


def test_download():
    raise URLError('unreachable')
"""


@pytest.fixture
def clone(tmp_path):
    for name in ('mmaction', 'configs', 'tests'):
        (tmp_path / name).mkdir()
        (tmp_path / name / 'clone.txt').touch()
    (tmp_path / 'mmaction/__init__.py').touch()
    (tmp_path / 'tests/test_made_up.py').write_text(TESTS)
    (tmp_path / 'tests/test_uncollected.py').write_text('import nowhere\n')
    return tmp_path


def test_counts_and_causes(call, clone):
    status, out, _ = call(SCRIPT, clone)
    bare, cured = out.split('with mmmotion: ')
    problems = [
        '  network: 1',
        '    tests.test_made_up.test_download: urllib.error.URLError: <urlopen error unreachable>',
        '  package not installed: 1',
        "    tests.test_uncollected: ModuleNotFoundError: No module named 'nowhere'",
    ]
    assert status == 0
    assert cured.splitlines() == ['2 passed, 1 failed, 1 errors, 0 skipped', *problems]
    assert bare.splitlines()[:-2] == ['bare: 1 passed, 2 failed, 1 errors, 0 skipped', *problems]
    assert bare.splitlines()[-2] == '  other: 1'
    assert "test_mmmotion: AssertionError: assert 'mmmotion' in" in bare
    assert not list(clone.rglob('__pycache__'))


def test_no_clone(call, tmp_path):
    status, _, err = call(SCRIPT, tmp_path)
    assert status == 2
    assert "error: clone: expected a clone of MMAction2's repository, with the folders" in err
    assert 'Traceback' not in err


def test_no_such_tests(call, clone):
    status, _, err = call(SCRIPT, clone, 'tests/nowhere')
    assert status == 2
    assert 'pytest: expected tests that run, got ERROR: file or directory not found' in err
