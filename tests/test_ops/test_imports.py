import ast
from pathlib import Path

import pytest

import mmmotion.ops

FILES = sorted(Path(mmmotion.ops.__file__).parent.rglob('*.py'))
STANDARD = {
    '__future__',
    'collections',
    'ctypes',
    'fcntl',
    'functools',
    'hashlib',
    'itertools',
    'math',
    'os',
    'pathlib',
    'shutil',
    'subprocess',
    'sys',
    'typing',
    'warnings',
}


def imported(tree):
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0
            yield node.module


@pytest.mark.parametrize('file', FILES, ids=lambda file: f'{file.parent.name}/{file.stem}')
def test_ops_import_torch_only(file):
    names = set(imported(ast.parse(file.read_text())))
    others = {name for name in names if not f'{name}.'.startswith('mmmotion.ops.')}
    assert {name.partition('.')[0] for name in others} <= STANDARD | {'torch'}


def test_all_is_complete():
    names = mmmotion.ops.__all__
    assert len(names) == len(set(names))
    assert all(hasattr(mmmotion.ops, name) for name in names)
