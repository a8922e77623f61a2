"""C++ files of this package, compiled on first use and kept for later processes.

The compiler is called as a program and its library loaded by ctypes: interfaces that no release of
PyTorch changes. ``torch._inductor.codecache`` is private and has changed its arguments several
times. ``torch.utils.cpp_extension.load`` is public and as fast, but needs ninja, waits for ever
where an earlier process was killed while it built, and would load what another CPU compiled from a
home folder that several machines share.
"""

import ctypes
import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

__all__ = ['load_library']

# Neither trapping, errno nor the sign of zeros stand in the way of vector instructions, and no
# product is fused with a sum, so that all CPUs find the same values.
FLAGS = (
    '-std=c++17',
    '-O3',
    '-DNDEBUG',
    '-fno-math-errno',
    '-fno-trapping-math',
    '-fno-signed-zeros',
    '-ffp-contract=off',
    '-shared',
    '-fPIC',
    # Apple's clang has no OpenMP; without it a loop over maps has one thread.
    *(('-march=native', '-fopenmp') if sys.platform == 'linux' else ()),
)


def load_library(source: Path) -> ctypes.CDLL:
    """Load the library of a C++ file, which the first process on a machine compiles.

    It is kept in the folder ``TORCH_EXTENSIONS_DIR``, by default ``~/.cache/torch_extensions``.

    Args:
        source: the file, whose functions are declared ``extern "C"``.

    Returns:
        The library; its functions are its attributes.

    Raises:
        OSError: if there is no compiler, if it fails, or if the folder cannot be written.
        ImportError: on Windows, which has no such lock for the folder.
        RuntimeError: if there is no home folder.
    """
    import fcntl

    compiler = _find_compiler()
    root = Path(os.environ.get('TORCH_EXTENSIONS_DIR', '~/.cache/torch_extensions'))
    folder = root.expanduser() / 'mmmotion'
    library = folder / f'{source.stem}_{_fingerprint(compiler, source)}.so'
    if not library.exists():
        folder.mkdir(parents=True, exist_ok=True)
        # The system frees this lock, too, when a process is killed.
        with (folder / 'build.lock').open('w') as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not library.exists():  # no other process was faster
                _compile(compiler, source, library)
    return ctypes.CDLL(str(library))


def _find_compiler() -> str:
    names = (os.environ['CXX'],) if os.environ.get('CXX') else ('c++', 'g++', 'clang++')
    for name in names:
        found = shutil.which(name)
        if found:
            return found
    raise OSError(f'CXX: expected a C++ compiler on the PATH, got none named {" or ".join(names)}')


def _fingerprint(compiler: str, source: Path) -> str:
    """Return a name for the source, the flags, the compiler's version and the CPU together."""
    # The predefined macros state the version, and the vector instructions of `-march=native`.
    macros = _run(compiler, *FLAGS, '-x', 'c++', '-dM', '-E', os.devnull)
    content = '\n'.join([source.read_text(), *FLAGS, macros])
    return hashlib.sha256(content.encode()).hexdigest()[:16]


def _compile(compiler: str, source: Path, library: Path) -> None:
    unfinished = library.with_suffix('.tmp')
    _run(compiler, *FLAGS, str(source), '-o', str(unfinished))
    unfinished.replace(library)  # at once, so that nobody loads half a file


def _run(*command: str) -> str:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        errors = done.stderr.strip() or f'status {done.returncode}'
        raise OSError(f'{command[0]}: expected a working C++ compiler, got: {errors}')
    return done.stdout
