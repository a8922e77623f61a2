import ast
from pathlib import Path

import pytest

import mmmotion.ops

FILES = sorted(Path(mmmotion.ops.__file__).parent.glob('*.py'))
STANDARD = {
    '__future__',
    'collections',
    'ctypes',
    'functools',
    'inspect',
    'itertools',
    'math',
    'typing',
    'warnings',
}


def imported(tree):
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level < 2, 'an operator imports from outside mmmotion.ops'
            yield node.module if node.level == 0 else 'torch'


@pytest.mark.parametrize('file', FILES, ids=lambda file: file.stem)
def test_ops_import_torch_only(file):
    names = {name.partition('.')[0] for name in imported(ast.parse(file.read_text()))}
    assert names <= STANDARD | {'torch'}


def test_all_is_complete():
    names = mmmotion.ops.__all__
    assert len(names) == len(set(names))
    assert all(hasattr(mmmotion.ops, name) for name in names)
