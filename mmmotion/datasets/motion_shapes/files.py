"""Writing of MotionShapes data sets: resumable, and never a half-written file."""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from pathlib import Path

import cv2
import numpy as np

from mmmotion.datasets.motion_shapes.render import clip_rng, draw_clip
from mmmotion.datasets.motion_shapes.spec import SPLITS, MotionShapesSpec
from mmmotion.files import whole_file

__all__ = ['make_motion_shapes', 'print_progress']

# Motion JPEG in an MP4 file: each frame is coded by itself. MPEG-4 would code it as changes to the
# frame before, whose traces in the decoded frame betray the direction of time.
FOURCC = 'MJPG'
FPS = 24
PARAMETERS = 'motion_shapes.json'
VIDEO = '.mp4'


def make_motion_shapes(
    root: str | os.PathLike,
    spec: MotionShapesSpec | None = None,
    *,
    workers: int | None = None,
    report: Callable[[int, int], None] | None = None,
) -> Path:
    """Make a MotionShapes data set, or finish it, or leave a finished one as it is.

    Args:
        root: directory of the data set: new, empty, or made with the same parameters. It gets
            ``videos/``, ``{train,val,test}.txt`` (``path label`` per line, MMAction2's format),
            ``classes.txt`` and, before all others, the parameters as ``motion_shapes.json``.
        spec: parameters; the default ones if None.
        workers: processes, at least 1; one per processor if None. It does not change a pixel.
        report: called as ``report(done, total)`` while clips are written.

    Returns:
        ``root`` as a path.

    Raises:
        ValueError: ``root`` holds something else; nothing in it has been changed.
        OSError: a file could not be written; asking again continues.
    """
    root, spec = Path(root), spec or MotionShapesSpec()
    workers = _check_workers(workers)
    _check_directory(root, spec)
    if not _is_complete(root, spec):
        root.mkdir(parents=True, exist_ok=True)
        with _only_one(root):
            _check_directory(root, spec)
            _make(root, spec, workers, report or (lambda done, total: None))
    return root


def print_progress(done: int, total: int) -> None:
    """Show a progress bar on standard error; on a file or pipe, a line at every tenth."""
    live = sys.stderr.isatty()
    if live or done == total or done * 10 // total > (done - 1) * 10 // total:
        bar = ('#' * (30 * done // total)).ljust(30, '.')
        end = '\n' if not live or done == total else ''
        start = '\r' if live else ''
        print(f'{start}MotionShapes [{bar}] {done}/{total}', end=end, file=sys.stderr, flush=True)


def _make(root: Path, spec: MotionShapesSpec, workers: int, report: Callable) -> None:
    if not (root / PARAMETERS).exists():
        _write_text(root / PARAMETERS, spec.to_json())
    for split in SPLITS:
        (root / 'videos' / split).mkdir(parents=True, exist_ok=True)
    for part in root.glob(f'videos/*/.*.partial{VIDEO}'):  # of a run that was killed
        part.unlink()
    _write_clips(root, spec, workers, report)
    for name, text in _lists(spec).items():
        _write_text(root / name, text)


def _write_clips(root: Path, spec: MotionShapesSpec, workers: int, report: Callable) -> None:
    todo = _missing(root, spec)
    pool = _pool(workers)
    with _noted_interrupts() as interrupts:
        try:
            written = pool.map(partial(_write_clip, root, spec), todo, chunksize=4)
            for done, _ in enumerate(written, start=1):
                report(done, len(todo))
                if interrupts:
                    break
        finally:  # an interrupted worker finishes its few clips, so none is left half-written
            pool.shutdown(cancel_futures=True)


@contextlib.contextmanager
def _noted_interrupts() -> Iterator[list[int]]:
    """Raise interrupts at the end: one raised while the pool holds a lock may leave it held."""
    noted: list[int] = []
    in_charge = threading.current_thread() is threading.main_thread()
    if not in_charge or signal.getsignal(signal.SIGINT) is not signal.default_int_handler:
        yield noted
        return
    signal.signal(signal.SIGINT, lambda number, frame: noted.append(number))
    try:
        yield noted
    finally:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    if noted:
        raise KeyboardInterrupt


def _pool(workers: int) -> ProcessPoolExecutor:
    # Always processes, one included: what a worker switches off must not be off for the caller.
    methods = multiprocessing.get_all_start_methods()
    context = multiprocessing.get_context('fork' if 'fork' in methods else None)
    return ProcessPoolExecutor(workers, mp_context=context, initializer=_start_worker)


def _start_worker() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent process decides when to stop
    cv2.setNumThreads(0)
    # OpenCV remarks for every file that Motion JPEG goes by another tag in MP4, which is right.
    os.dup2(os.open(os.devnull, os.O_WRONLY), 2)


def _write_clip(root: Path, spec: MotionShapesSpec, job: tuple[str, int]) -> None:
    split, index = job
    frames = draw_clip(spec, _label(spec, index), clip_rng(spec, split, index))
    with whole_file(root / _relative_path(spec, *job), suffix=VIDEO) as part:
        _encode(part, frames)


def _encode(path: Path, frames: np.ndarray) -> None:
    side, fourcc = frames.shape[1], cv2.VideoWriter_fourcc(*FOURCC)
    writer = cv2.VideoWriter(str(path), cv2.CAP_FFMPEG, fourcc, FPS, (side, side))
    for frame in frames:
        writer.write(frame)
    writer.release()
    # The writer does not say when it fails, on a full disk for instance.
    count = int(cv2.VideoCapture(str(path), cv2.CAP_FFMPEG).get(cv2.CAP_PROP_FRAME_COUNT))
    if count != len(frames):
        raise OSError(f'{path}: expected {len(frames)} frames to be written, got {count}')


def _label(spec: MotionShapesSpec, index: int) -> int:
    return index % len(spec.classes)


def _relative_path(spec: MotionShapesSpec, split: str, index: int) -> str:
    return f'videos/{split}/{index:05d}_{spec.classes[_label(spec, index)]}{VIDEO}'


def _jobs(spec: MotionShapesSpec) -> Iterator[tuple[str, int]]:
    return ((split, index) for split in SPLITS for index in range(spec.num_clips(split)))


def _missing(root: Path, spec: MotionShapesSpec) -> list[tuple[str, int]]:
    return [job for job in _jobs(spec) if not (root / _relative_path(spec, *job)).exists()]


def _lists(spec: MotionShapesSpec) -> dict[str, str]:
    lists = {'classes.txt': ''.join(f'{name}\n' for name in spec.classes)}
    for split in SPLITS:
        indices = range(spec.num_clips(split))
        lines = [f'{_relative_path(spec, split, i)} {_label(spec, i)}\n' for i in indices]
        lists[f'{split}.txt'] = ''.join(lines)
    return lists


def _is_complete(root: Path, spec: MotionShapesSpec) -> bool:
    names = (PARAMETERS, *_lists(spec))
    return all((root / name).exists() for name in names) and not _missing(root, spec)


def _check_directory(root: Path, spec: MotionShapesSpec) -> None:
    if (root / PARAMETERS).exists():
        _check_parameters(root / PARAMETERS, spec)
    elif root.exists() and not root.is_dir():
        raise ValueError(f'root must be a directory, got the file {root}')
    elif root.is_dir() and any(not path.name.startswith('.') for path in root.iterdir()):
        raise ValueError(f'root must be new or hold MotionShapes, got {root} with other files')


def _check_parameters(path: Path, spec: MotionShapesSpec) -> None:
    try:
        difference = spec.difference(path.read_text())
    except ValueError as error:
        raise ValueError(f'{path} must hold the parameters of MotionShapes, got {error}') from None
    if difference:
        raise ValueError(
            f'{path.parent} holds MotionShapes made with {difference}: '
            'choose another directory, or delete this one'
        )


def _check_workers(workers: int | None) -> int:
    if workers is not None and workers < 1:
        raise ValueError(f'workers must be at least 1, got {workers}')
    return workers or _processors()


def _processors() -> int:
    if hasattr(os, 'sched_getaffinity'):  # what this process may use, where that can be told
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _write_text(path: Path, text: str) -> None:
    with whole_file(path) as part:
        part.write_text(text)


@contextlib.contextmanager
def _only_one(root: Path) -> Iterator[None]:
    """Hold others who make the same directory; they then find it made. Without flock, do not."""
    try:
        import fcntl
    except ImportError:
        yield
        return
    with open(root / '.lock', 'w') as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
