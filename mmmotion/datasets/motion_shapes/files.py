"""Writing of MotionShapes data sets: resumable, and never a half-written file."""

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
from typing import NamedTuple

import cv2

from mmmotion.checks import check_integer
from mmmotion.datasets.media.video import write_video
from mmmotion.datasets.motion_shapes.render import clip_rng, draw_clip
from mmmotion.datasets.motion_shapes.spec import SPLITS, MotionShapesSpec
from mmmotion.files import whole_file

__all__ = ['make_motion_shapes', 'print_progress']

# Motion JPEG in an MP4 file: each frame is coded by itself. MPEG-4 would code it as changes to the
# frame before, whose traces in the decoded frame betray the direction of time.
CODEC = 'MJPG'
FPS = 24
PARAMETERS = 'motion_shapes.json'


class _Clip(NamedTuple):
    """A clip of a data set: its place in the list of its split, its label, its file."""

    split: str
    index: int
    label: int
    path: str  # relative to the root of the data set


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
    root = Path(root)
    spec = spec or MotionShapesSpec()
    if workers is None:
        workers = _count_processors()
    check_integer('workers', workers)
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
    tenths = 10 * done // total
    tenths_before = 10 * (done - 1) // total
    if not live and tenths == tenths_before:
        return
    bar = '#' * (30 * done // total)
    start = '\r' if live else ''
    end = '' if live and done < total else '\n'
    text = f'{start}MotionShapes [{bar:.<30}] {done}/{total}'
    print(text, end=end, file=sys.stderr, flush=True)


def _make(
    root: Path, spec: MotionShapesSpec, workers: int, report: Callable[[int, int], None]
) -> None:
    """Write what is missing: the parameters first, the lists last."""
    if not (root / PARAMETERS).exists():
        _write_text(root / PARAMETERS, spec.to_json())
    for split in SPLITS:
        (root / 'videos' / split).mkdir(parents=True, exist_ok=True)
    for part in root.glob('videos/*/.*.partial.mp4'):  # of a run that was killed
        part.unlink()
    clips = _find_missing(root, spec)
    pool = _start_pool(workers)
    with _noted_interrupts() as interrupts:
        try:
            written = pool.map(partial(_write_clip, root, spec), clips, chunksize=4)
            for done, _ in enumerate(written, start=1):
                report(done, len(clips))
                if interrupts:
                    break
        finally:  # an interrupted worker finishes its few clips, so none is left half-written
            pool.shutdown(cancel_futures=True)
    for name, text in _lists(spec).items():
        _write_text(root / name, text)


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


def _start_pool(workers: int) -> ProcessPoolExecutor:
    # Always processes, one included: what a worker switches off must not be off for the caller.
    methods = multiprocessing.get_all_start_methods()
    context = multiprocessing.get_context('fork' if 'fork' in methods else None)
    return ProcessPoolExecutor(workers, mp_context=context, initializer=_start_worker)


def _start_worker() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent process decides when to stop
    cv2.setNumThreads(0)
    # OpenCV remarks for every file that Motion JPEG goes by another tag in MP4, which is right.
    os.dup2(os.open(os.devnull, os.O_WRONLY), 2)


def _write_clip(root: Path, spec: MotionShapesSpec, clip: _Clip) -> None:
    rng = clip_rng(spec, clip.split, clip.index)
    frames = draw_clip(spec, clip.label, rng)  # BGR
    write_video(root / clip.path, frames[..., ::-1], fps=FPS, codec=CODEC)


def _list_clips(spec: MotionShapesSpec) -> list[_Clip]:
    """Return the clips of all splits; the classes of a split take turns."""
    clips = []
    for split in SPLITS:
        for index in range(spec.num_clips(split)):
            label = index % len(spec.classes)
            path = f'videos/{split}/{index:05d}_{spec.classes[label]}.mp4'
            clips.append(_Clip(split, index, label, path))
    return clips


def _lists(spec: MotionShapesSpec) -> dict[str, str]:
    """Return the names and the texts of the lists."""
    lists = {f'{split}.txt': '' for split in SPLITS}
    for clip in _list_clips(spec):
        lists[f'{clip.split}.txt'] += f'{clip.path} {clip.label}\n'
    lists['classes.txt'] = ''.join(f'{name}\n' for name in spec.classes)
    return lists


def _find_missing(root: Path, spec: MotionShapesSpec) -> list[_Clip]:
    return [clip for clip in _list_clips(spec) if not (root / clip.path).exists()]


def _is_complete(root: Path, spec: MotionShapesSpec) -> bool:
    for name in (PARAMETERS, *_lists(spec)):
        if not (root / name).exists():
            return False
    return not _find_missing(root, spec)


def _check_directory(root: Path, spec: MotionShapesSpec) -> None:
    """Raise ValueError if the directory holds anything but this data set, or a part of it."""
    parameters = root / PARAMETERS
    if parameters.exists():
        try:
            difference = spec.difference(parameters.read_text())
        except ValueError as error:
            raise ValueError(f'{parameters}: {error}') from None
        if difference:
            raise ValueError(
                f'root: expected a directory of the same parameters, got {root} with {difference}; '
                'choose another directory, or delete this one'
            )
    elif root.exists() and not root.is_dir():
        raise ValueError(f'root: expected a directory, got the file {root}')
    elif root.is_dir() and any(not path.name.startswith('.') for path in root.iterdir()):
        raise ValueError(
            f'root: expected a new directory, or one of MotionShapes, got {root} with other files'
        )


def _count_processors() -> int:
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
