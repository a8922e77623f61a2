import multiprocessing
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from mmmotion.ops.engines.build import load_library
from mmmotion.ops.engines.flow_compiled import SOURCE

pytestmark = pytest.mark.skipif(not shutil.which('c++'), reason='no C++ compiler')
ROOT = Path(__file__).parents[2]


@pytest.fixture
def source(tmp_path, monkeypatch):
    """A C++ file, and a compiler that writes a line into tmp_path/log for each library."""
    compiler = tmp_path / 'compiler'
    compiler.write_text(
        f'#!/bin/sh\ncase "$*" in *" -o "*) echo built >> {tmp_path}/log;; esac\n'
        f'exec {shutil.which("c++")} "$@"\n'
    )
    compiler.chmod(0o755)
    monkeypatch.setenv('CXX', str(compiler))
    monkeypatch.setenv('TORCH_EXTENSIONS_DIR', str(tmp_path / 'kept'))
    source = tmp_path / 'add.cpp'
    source.write_text('extern "C" int add(int a, int b) { return a + b; }')
    return source


def times_built(source):
    return source.with_name('log').read_text().count('built')


def load_and_add(source):
    return load_library(source).add(3, 4)


def test_is_built_once(source):
    assert [load_and_add(source) for _ in range(2)] == [7, 7]
    assert times_built(source) == 1


def test_is_built_once_by_several_processes(source):
    with multiprocessing.get_context('fork').Pool(3) as pool:
        assert pool.map(load_and_add, [source] * 3, chunksize=1) == [7, 7, 7]
    assert times_built(source) == 1
    assert len(list((source.parent / 'kept').glob('mmmotion/*.so'))) == 1


def test_another_source_is_another_library(source):
    load_library(source)
    source.write_text('extern "C" int add(int a, int b) { return a + b + 1; }')
    assert load_and_add(source) == 8
    assert times_built(source) == 2


def test_no_compiler(source, monkeypatch):
    monkeypatch.setenv('CXX', 'no-such-compiler')
    with pytest.raises(OSError, match=r'CXX: expected a C\+\+ compiler on the PATH, got none nam'):
        load_library(source)


def test_source_with_a_mistake(source):
    source.write_text('extern "C" int add(int a, int b) { return c; }')
    with pytest.raises(OSError, match='expected a working C.. compiler, got: .*add.cpp'):
        load_library(source)
    assert not list((source.parent / 'kept').glob('mmmotion/*.so'))


def test_source_is_installed(tmp_path):
    """A package that is built, not linked to, holds the C++."""
    command = [sys.executable, 'setup.py', '-q', 'build', '--build-base', str(tmp_path)]
    command += ['egg_info', '--egg-base', str(tmp_path)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    built = tmp_path / 'lib' / SOURCE.relative_to(ROOT)
    assert built.read_text() == SOURCE.read_text()
